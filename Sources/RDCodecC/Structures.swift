internal import CRDCodec
internal import RDCodec

/// A structure of rdcodec.h that begins with its size.
protocol SizedStructure {
  var size: Int { get set }
  init()
  /// What it holds where a caller says nothing.
  static var defaults: Self { get }
}

extension SizedStructure {
  static var defaults: Self { Self() }

  /// What a caller gave, and for what its older header lacks the default.
  init(_ given: UnsafePointer<Self>?) throws(CallFailure) {
    self = .defaults
    guard let given else { return }
    let count = UnsafeRawPointer(given).load(as: Int.self)
    // Larger ones come from newer headers: what they set there cannot be heeded.
    guard count >= MemoryLayout<Int>.size, count <= MemoryLayout<Self>.size else {
      throw CallFailure(
        RDCODEC_INVALID,
        "a structure of \(count) bytes was given for one of \(MemoryLayout<Self>.size)")
    }
    withUnsafeMutableBytes(of: &self) {
      $0.copyMemory(from: UnsafeRawBufferPointer(start: given, count: count))
    }
    size = MemoryLayout<Self>.size
  }

  /// Gives a caller as much as it has room for.
  func store(to target: UnsafeMutablePointer<Self>) throws(CallFailure) {
    let count = UnsafeRawPointer(target).load(as: Int.self)
    guard count >= MemoryLayout<Int>.size, count <= MemoryLayout<Self>.size else {
      throw CallFailure(
        RDCODEC_INVALID,
        "a structure of \(count) bytes was given for one of \(MemoryLayout<Self>.size)")
    }
    var copy = self
    copy.size = count
    withUnsafeBytes(of: &copy) {
      UnsafeMutableRawPointer(target).copyMemory(from: $0.baseAddress!, byteCount: count)
    }
  }
}

extension rdcodec_info: SizedStructure {}

extension rdcodec_image: SizedStructure {}

extension rdcodec_limits: SizedStructure {
  static var defaults: Self {
    let limits = DecoderLimits.default
    return Self(
      size: MemoryLayout<Self>.size, dimension: UInt64(limits.dimension),
      pixels: UInt64(limits.pixelCount), metadata_bytes: UInt64(limits.metadataByteCount),
      memory_bytes: 0)
  }

  var limits: DecoderLimits {
    DecoderLimits(
      dimension: Int(clamping: dimension), pixelCount: Int(clamping: pixels),
      metadataByteCount: Int(clamping: metadata_bytes),
      memoryByteCount: memory_bytes == 0 ? .max : Int(clamping: memory_bytes))
  }
}

extension rdcodec_decode_options: SizedStructure {
  static var defaults: Self {
    var options = Self()
    options.size = MemoryLayout<Self>.size
    return options
  }

  func options(_ limits: DecoderLimits, jobs: Int = 1) throws(CallFailure) -> DecoderOptions {
    let layers: [rdcodec_layer.RawValue: DecoderOptions.Layer] = [
      RDCODEC_FULL.rawValue: .full, RDCODEC_PREVIEW.rawValue: .preview,
    ]
    guard let layer = layers[UInt32(bitPattern: layer)] else {
      throw CallFailure(RDCODEC_INVALID, "there is no layer \(layer)")
    }
    guard channels <= 4 else {
      throw CallFailure(RDCODEC_INVALID, "pixels have at most 4 channels")
    }
    guard [0, 8, 16].contains(bits) else {
      throw CallFailure(RDCODEC_INVALID, "samples are scaled to 8 or 16 bits, not \(bits)")
    }
    guard width > 0 || (x == 0 && y == 0 && height == 0) else {
      throw CallFailure(RDCODEC_INVALID, "the region has no width")
    }
    let region =
      width == 0
      ? nil
      : ImageRegion(x: Int(x), y: Int(y), width: Int(width), height: Int(height))
    return DecoderOptions(layer: layer, region: region, jobs: jobs, limits: limits)
  }
}

extension rdcodec_encode_options: SizedStructure {
  static var defaults: Self {
    var options = Self()
    options.size = MemoryLayout<Self>.size
    options.effort = 5
    options.preview = -1
    options.keeps_hidden_color = -1
    options.allows_exact = 1
    options.verifies = 1
    options.recovers_source = 1
    return options
  }

  func options() throws(CallFailure) -> EncoderOptions {
    guard (1...9).contains(effort) else {
      throw CallFailure(RDCODEC_INVALID, "efforts are from 1 to 9, not \(effort)")
    }
    let tunings: [rdcodec_tune.RawValue: Tuning] = [
      RDCODEC_TUNE_PSNR.rawValue: .psnr, RDCODEC_TUNE_VISUAL.rawValue: .visual,
    ]
    guard let tuning = tunings[UInt32(bitPattern: tune)] else {
      throw CallFailure(RDCODEC_INVALID, "there is no tune \(tune)")
    }
    var options = EncoderOptions(
      mode: try encoderMode(), effort: Int(effort), stripMetadata: strips_metadata != 0,
      verify: verifies != 0, recoversSource: recovers_source != 0, hasPreview: preview != 0,
      tuning: tuning, allowsExact: allows_exact != 0)
    options.keepsHiddenColor = keeps_hidden_color < 0 ? nil : keeps_hidden_color != 0
    options.memoryByteCount = memory_bytes == 0 ? .max : Int(clamping: memory_bytes)
    return options
  }

  private func encoderMode() throws(CallFailure) -> EncoderOptions.Mode {
    switch rdcodec_mode(UInt32(bitPattern: mode)) {
    case RDCODEC_LOSSLESS:
      guard preview < 0 || preview == 0 || (1...100).contains(preview) else {
        throw CallFailure(RDCODEC_INVALID, "a preview's quality is from 1 to 100, not \(preview)")
      }
      return .lossless(preview: preview > 0 ? preview : nil)
    case RDCODEC_LOSSY:
      guard (1...100).contains(value) else {
        throw CallFailure(RDCODEC_INVALID, "qualities are from 1 to 100, not \(value)")
      }
      return .lossy(quality: value)
    case RDCODEC_NEAR_LOSSLESS:
      guard let bound = Int(exactly: value), (1...16).contains(bound) else {
        throw CallFailure(RDCODEC_INVALID, "errors are bounded by 1 to 16, not \(value)")
      }
      return .nearLossless(maximumError: bound)
    case RDCODEC_TARGET_BYTES:
      guard value >= 1, value.isFinite else {
        throw CallFailure(RDCODEC_INVALID, "a file has at least one byte, not \(value)")
      }
      return .target(.byteCount(Int(min(value, 0x1p60))))
    case RDCODEC_TARGET_BITS_PER_PIXEL:
      guard value > 0, value.isFinite else {
        throw CallFailure(RDCODEC_INVALID, "bits per pixel are above 0, not \(value)")
      }
      return .target(.bitsPerPixel(value))
    case RDCODEC_TARGET_PSNR:
      guard value > 0, value.isFinite else {
        throw CallFailure(RDCODEC_INVALID, "a PSNR is above 0 dB, not \(value)")
      }
      return .target(.psnr(value))
    case RDCODEC_TARGET_SSIMULACRA2:
      guard value.isFinite, value <= 100 else {
        throw CallFailure(RDCODEC_INVALID, "scores are up to 100, not \(value)")
      }
      return .target(.ssimulacra2(value))
    default: throw CallFailure(RDCODEC_INVALID, "there is no mode \(mode)")
    }
  }
}
