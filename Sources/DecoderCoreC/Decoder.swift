internal import CKernels
internal import DecoderCore

/// What an `rdc_decoder` is.
final class Decoder {
  private(set) var error: CText?
  private var stream: Bitstream?
  private var plan: DecodePlan?
  private var run: DecodeRun?
  /// The decoded image, of no size.
  private var kind: Image?
  private var rows: [UInt8] = []
  private var rowCount = 0
  private var firstRow = 0
  private var stepCount = 0
  private var info: CText?
  private var item: [UInt8] = []

  init(_ bytes: [UInt8]) {
    do throws(CodecError) {
      stream = try Bitstream(bytes, limits: .default)
    } catch {
      self.error = CText(error)
    }
  }

  func value(_ what: Int32) -> Int {
    guard let header = stream?.header else { return 0 }
    switch what {
    case 0: return header.width
    case 1: return header.height
    case 3: return header.hasLatents ? 1 : 0
    case 4: return kind?.colorType.channelCount ?? 0
    case 5: return kind?.depth ?? 0
    case 6: return kind?.peak ?? 0
    case 7: return plan?.region.width ?? 0
    case 8: return plan?.region.height ?? 0
    case 9: return rowCount
    case 10: return firstRow
    case 11: return stepCount
    case 12: return plan?.stepCount ?? 0
    case 13: return kind?.metadata.count ?? 0
    case 14: return kind?.transparentColor?.count ?? 0
    case 15, 16, 17:
      let color = kind?.transparentColor ?? []
      let channel = Int(what) - 15
      return channel < color.count ? Int(color[channel]) : 0
    default: return 0
    }
  }

  var modelName: UInt64 { stream?.header.modelName ?? 0 }

  /// As `rdc_info`.
  var infoText: UnsafePointer<CChar>? {
    if info == nil, let stream { info = CText(BitstreamInfo(stream).json) }
    return (info?.bytes.baseAddress).map { UnsafePointer($0) }
  }

  /// As `rdc_metadata`.
  func metadata(_ index: Int) -> UnsafeBufferPointer<UInt8> {
    var writer = ByteWriter()
    if let kind, kind.metadata.indices.contains(index) { kind.metadata[index].write(to: &writer) }
    item = writer.bytes
    return item.withUnsafeBufferPointer { $0 }
  }

  func start(_ model: LearnedModel?, _ options: DecoderOptions) -> Bool {
    guard let stream else { return false }
    let environment = ck_float_enter()
    defer { ck_float_leave(environment) }
    (error, plan, run, kind) = (nil, nil, nil, nil)
    rows = []
    (rowCount, firstRow, stepCount) = (0, 0, 0)
    do throws(CodecError) {
      try KernelCheck.checkDecoder()
      try options.limits.check(
        memory: .decoding(
          stream.header, jobs: 1, heldByteCount: stream.source.heldByteCount, holdsImage: false,
          model: model?.latents.shape))
      let plan = try DecodePlan(stream, options) { name throws(CodecError) in
        guard let model, model.latents.name == name else {
          throw .unknownModel(LatentModel.identifier(name))
        }
        return model.latents
      }
      var image = plan.image
      (image.width, image.height, image.planes) = (0, 0, [[]])
      kind = image.expandedToRGB()
      run = DecodeRun(plan)
      self.plan = plan
      return true
    } catch {
      self.error = CText(error)
      return false
    }
  }

  /// As `rdc_step`.
  func step() -> Int32 {
    let environment = ck_float_enter()
    defer { ck_float_leave(environment) }
    guard run != nil else { return -1 }
    firstRow += rowCount
    rowCount = 0
    do throws(CodecError) {
      switch try run!.step() {
      case .done: return 0
      case .more:
        stepCount += 1
        return 1
      case .rows(let image):
        stepCount += 1
        rowCount = image.height
        rows = image.expandedToRGB().interleaved
        return 2
      }
    } catch {
      self.error = CText(error)
      run = nil
      return -1
    }
  }

  /// Of ``interleaved``; what it points at stays until the next step.
  var rowBytes: UnsafeRawPointer? { rows.withUnsafeBytes { $0.baseAddress } }
}

/// What an `rdc_model` is.
final class Model {
  private(set) var model: LearnedModel?
  private(set) var error: CText?

  init(_ bytes: [UInt8]) {
    do throws(CodecError) {
      model = try LearnedModel(bytes)
    } catch {
      self.error = CText(error)
    }
  }
}

/// A text as C has it.
final class CText {
  let bytes: UnsafeMutableBufferPointer<CChar>

  convenience init(_ error: CodecError) { self.init(error.description) }

  init(_ text: String) {
    let text = Array(text.utf8)
    bytes = .allocate(capacity: text.count + 1)
    bytes.initialize(repeating: 0)
    for (place, byte) in text.enumerated() { bytes[place] = CChar(bitPattern: byte) }
  }

  deinit { bytes.deallocate() }
}

extension DecodePlan {
  /// Steps of ``DecodeRun`` that are not its last.
  fileprivate var stepCount: Int {
    bands.reduce(unitCount) { $0 + $1.latentTiles.count + $1.tiles.count }
  }
}

extension Image {
  /// The samples of a pixel side by side, in one byte each up to a depth of 8, else two in the
  /// machine's order.
  fileprivate var interleaved: [UInt8] {
    let channels = planes.count
    let size = depth <= 8 ? 1 : 2
    return [UInt8](unsafeUninitializedCapacity: pixelCount * channels * size) { bytes, count in
      let raw = UnsafeMutableRawBufferPointer(bytes)
      for (channel, plane) in planes.enumerated() {
        plane.withUnsafeBufferPointer { plane in
          if size == 1 {
            var target = channel
            for sample in plane {
              bytes[target] = UInt8(truncatingIfNeeded: sample)
              target &+= channels
            }
          } else {
            let samples = raw.assumingMemoryBound(to: UInt16.self)
            var target = channel
            for sample in plane {
              samples[target] = sample
              target &+= channels
            }
          }
        }
      }
      count = raw.count
    }
  }
}
