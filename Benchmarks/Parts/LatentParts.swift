import CKernels
import DecoderCore
import Entropy
import RDCodec

/// Sides of a tile of latents: 768 pixels.
private let side = 96

/// Kernels that code latents under the shipped model, per latent; zeros are latents too.
func latentParts() throws(CodecError) -> [Part] {
  let model = try LearnedModel(BuiltIn.weights(.psnr))
  let experts = try model.weights.experts()
  let prior = model.latents.prior
  let groups = model.latents.shape.groups
  return forEachTable(ck_latent_kernels_for) { isa, table in
    guard let table = ck_latent_kernels_for(isa) else { return [] }
    let kernels = LatentKernels(table: table)
    let steps = groups.indices.map { index in
      let first = groups[..<index].reduce(0) { $0 + $1.channels }
      let count = groups[index].channels
      return LatentStep(
        name: "latents, group of \(count)", prior.latentStart, experts.latents, kernels,
        step: 2 * index + 1, first: first, count: count
      ) { kernels.call.code_latents }
    }
    let hyperlatents = LatentStep(
      name: "hyperlatents", prior.hyperlatentStart, experts.hyperlatents, kernels, step: 0,
      first: 0, count: model.latents.shape.hyperlatents
    ) { kernels.call.code_hyperlatents }
    return (steps + [hyperlatents]).flatMap { $0.parts(isa) }
  }
}

/// Latents of one group at the positions of one half of a tile, or all hyperlatents.
private final class LatentStep {
  typealias Kernel = (
    UnsafeMutablePointer<KernelLatents>, Int, UnsafePointer<UInt8>, UnsafeMutablePointer<Int16>,
    UnsafeMutablePointer<ck_port>
  ) -> Void

  private let name: String
  private let makeModels: () -> LatentModels
  private let kernel: Kernel
  private let count: Int
  private var models: LatentModels
  /// Of every position.
  private var scales: [UInt8] = []
  private var symbols: [Int16] = []
  private let list: UnsafeMutablePointer<ck_symbol>
  private var positions: Int { side * side / 2 }

  init(
    name: String, _ start: LatentStart, _ expert: LatentExpert?, _ kernels: LatentKernels,
    step: Int, first: Int, count: Int, kernel: () -> Kernel
  ) {
    self.name = name
    self.count = count
    self.kernel = kernel()
    makeModels = {
      var models = LatentModels(
        start, expert, height: side, width: side, position: QualityPosition(quality: 50),
        kernels: kernels)
      models.start(step: step, first: first, count: count)
      return models
    }
    models = makeModels()
    list = .allocate(capacity: count * Int(CK_LATENT_DECISIONS))
    var noise = Noise(state: 9)
    // Most latents of a photograph are zero, and their scales say so.
    for _ in 0..<positions * count {
      let scale = UInt8.random(in: 0...31, using: &noise)
      scales.append(scale)
      symbols.append(scale < 20 ? 0 : .random(in: -2...2, using: &noise))
    }
  }

  func parts(_ isa: ck_isa) -> [Part] {
    let bytes = encoded()
    return [
      Part(
        name: "\(name), listed", isa: isa, sampleCount: positions * count, prepare: reset
      ) { [self] in
        var port = ck_port(in: nil, out: list)
        withUnsafeMutablePointer(to: &port) { port in
          code(port) { port.pointee.out = list }
        }
      },
      Part(
        name: "\(name), read", isa: isa, sampleCount: positions * count, prepare: reset
      ) { [self] in
        bytes.withUnsafeBufferPointer { bytes in
          var range = ck_range_of(bytes.baseAddress!, bytes.count)
          withUnsafeMutablePointer(to: &range) { range in
            var port = ck_port(in: range, out: nil)
            code(&port) {}
          }
        }
      },
    ]
  }

  private func reset() { models = makeModels() }

  private func code(_ port: UnsafeMutablePointer<ck_port>, _ afterEach: () -> Void) {
    var copy = symbols
    copy.withUnsafeMutableBufferPointer { symbols in
      scales.withUnsafeBufferPointer { scales in
        for position in 0..<positions {
          let row = position / (side / 2)
          let place = models.place(row: row, column: position % (side / 2) * 2 + (row + 1) % 2)
          kernel(
            place.state, place.index, scales.baseAddress! + position * count,
            symbols.baseAddress! + position * count, port)
          afterEach()
        }
      }
    }
  }

  private func encoded() -> [UInt8] {
    reset()
    var encoder = RangeEncoder()
    var port = ck_port(in: nil, out: list)
    withUnsafeMutablePointer(to: &port) { port in
      code(port) {
        var next = list
        while next != port.pointee.out {
          encoder.encode(start: next.pointee.start, size: next.pointee.size)
          next += 1
        }
        port.pointee.out = list
      }
    }
    return encoder.finish()
  }
}
