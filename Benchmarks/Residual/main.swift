// Nanoseconds per sample of the residual coder and its parts, on one thread:
//
//     swift run -c release benchmark-residual
//
// The tile is synthetic: smooth shapes and noise, about as predictable as a photograph.

import CKernels
import DecoderCore
import Entropy
import RDCodec

/// SplitMix64: the same data on every machine.
struct Noise {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
  /// Uniform in −1 ..< 1.
  mutating func float() -> Float { Float(next() >> 40) / 0x1p23 - 1 }
}

/// Prints the shortest of five runs over `count` samples.
func measure(_ name: String, count: Int, _ body: () -> Void) {
  let clock = ContinuousClock()
  let best = (0..<5).map { _ in clock.measure(body) }.min()!
  let seconds = Double(best.components.seconds) + Double(best.components.attoseconds) * 1e-18
  let value = (seconds * 1e10 / Double(count)).rounded() / 10
  print(name + String(repeating: " ", count: max(1, 44 - name.count)) + "\(value)")
}

func makeTile(width: Int, height: Int) -> TileSamples {
  var noise = Noise(state: 1)
  let planes = (0..<3).map { plane in
    (0..<width * height).map { place -> UInt16 in
      let (x, y) = (place % width, place / width)
      let shape = ((x / 37 + y / 29) & 3) * 24 + x / 8 + y / 6 + plane * 10
      let grain = (noise.float() + noise.float() + noise.float()) * 4
      return UInt16(min(max(Float(shape + 20) + grain, 0), 255))
    }
  }
  return TileSamples(width: width, height: height, depth: 8, hasAlpha: false, planes: planes)
}

print("ns per sample")
let tile = makeTile(width: 384, height: 256)
let sampleCount = 3 * tile.width * tile.height
for effort in [1, 3, 4, 5, 7, 9] {
  var bytes: [UInt8] = []
  measure("encode, effort \(effort)", count: sampleCount) {
    bytes = ResidualCoder.encode(tile, prediction: nil, effort: effort).bytes
  }
  measure("decode, effort \(effort)", count: sampleCount) {
    do {
      let decoded = try ResidualCoder.decode(
        StreamSlice(bytes, in: bytes.indices), width: tile.width, height: tile.height, depth: 8,
        planeCount: 3, hasAlpha: false, prediction: nil)
      precondition(decoded == tile)
    } catch { fatalError("\(error)") }
  }
}

// Least squares over one row of blocks, one window.
for isa in [CK_ISA_PORTABLE, CK_ISA_AVX2] {
  guard let kernels = ck_residual_kernels_for(isa)?.pointee else { continue }
  for vectors in [2, 4] {
    var noise = Noise(state: 2)
    let (blocks, width) = (64, 16)
    let stride = 8 * (4 * vectors * (vectors + 1) + vectors)
    let features = (0..<width * 8 * vectors).map { _ in noise.float() * 20 }
    let targets = (0..<width).map { _ in noise.float() * 20 }
    let ones = [Float](repeating: 1, count: width)
    var sums = [Float](repeating: 0, count: blocks * stride)
    var window = sums
    var weights = [Float](repeating: 0, count: blocks * 8 * vectors)
    let label = "\(8 * vectors) regressors, \(isa == CK_ISA_AVX2 ? "AVX2" : "portable")"
    measure("normal equations, \(label)", count: blocks * width) {
      for block in 0..<blocks {
        sums.withUnsafeMutableBufferPointer {
          kernels.accumulate(
            features, targets, ones, width, vectors, $0.baseAddress! + block * stride)
        }
      }
    }
    measure("window, \(label)", count: blocks * width) {
      kernels.spread(sums, blocks, vectors, 0.8, 0.85, &window)
    }
    measure("solution, \(label)", count: blocks * width) {
      for block in Swift.stride(from: 0, to: blocks, by: 8) {
        window.withUnsafeBufferPointer { window in
          weights.withUnsafeMutableBufferPointer { weights in
            kernels.solve(
              window.baseAddress! + block * stride, 8, 8 * vectors, vectors, 0.4,
              weights.baseAddress! + block * 8 * vectors)
          }
        }
      }
    }
  }
}

// The range coder alone, per decision.
var noise = Noise(state: 3)
let decisions = (0..<1 << 16).map { _ in UInt32(noise.next() >> 41) + (1 << 22) }
let outcomes = decisions.map { UInt32(noise.next() >> 40) < $0 }
var coded: [UInt8] = []
measure("range coder, encode a decision", count: decisions.count) {
  var encoder = RangeEncoder()
  for place in decisions.indices {
    encoder.encode(outcomes[place], probability: decisions[place])
  }
  coded = encoder.finish()
}
measure("range coder, decode a decision", count: decisions.count) {
  var decoder = RangeDecoder(coded)
  var isSame = true
  for place in decisions.indices {
    isSame = isSame && decoder.decode(probability: decisions[place]) == outcomes[place]
  }
  precondition(isSame)
}
