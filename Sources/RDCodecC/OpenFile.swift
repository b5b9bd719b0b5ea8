internal import CRDCodec
internal import RDCodec

/// What an `rdcodec_file` is.
final class OpenFile: Sendable {
  let source: ByteSource
  let limits: DecoderLimits
  let info: BitstreamInfo
  /// The image without its samples.
  let image: Image
  /// Metadata that callers point into.
  private let metadata: [rdcodec_metadata.RawValue: Shared<UnsafeBufferPointer<UInt8>>]

  init(_ bytes: [UInt8], _ limits: DecoderLimits) throws(CodecError) {
    source = ByteSource(bytes)
    self.limits = limits
    info = try inspect(source, limits: limits)
    image = try imageHeader(of: source, DecoderOptions(limits: limits))
    var metadata: [rdcodec_metadata.RawValue: Shared<UnsafeBufferPointer<UInt8>>] = [:]
    for item in image.metadata {
      let kind: rdcodec_metadata
      let bytes: [UInt8]
      switch item.content {
      case .iccProfile(_, let profile): (kind, bytes) = (RDCODEC_ICC, profile)
      case .exif(let exif): (kind, bytes) = (RDCODEC_EXIF, exif)
      case .xmp(let xmp, _): (kind, bytes) = (RDCODEC_XMP, xmp)
      default: continue
      }
      // Of several the first counts.
      guard metadata[kind.rawValue] == nil else { continue }
      let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, bytes.count))
      _ = copy.initialize(from: bytes)
      metadata[kind.rawValue] = Shared(value: UnsafeBufferPointer(rebasing: copy[..<bytes.count]))
    }
    self.metadata = metadata
  }

  deinit { for bytes in metadata.values { bytes.value.deallocate() } }

  static func of(_ pointer: OpaquePointer?) throws(CallFailure) -> OpenFile {
    guard let pointer else { throw CallFailure(RDCODEC_INVALID, "no file was given") }
    return Unmanaged<OpenFile>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
  }

  func metadata(_ kind: Int32) throws(CallFailure) -> UnsafeBufferPointer<UInt8> {
    let kinds = [RDCODEC_ICC, RDCODEC_EXIF, RDCODEC_XMP].map(\.rawValue)
    let kind = UInt32(bitPattern: kind)
    guard kinds.contains(kind) else {
      throw CallFailure(RDCODEC_INVALID, "there is no kind \(kind) of metadata")
    }
    guard let bytes = metadata[kind] else {
      throw CallFailure(RDCODEC_ABSENT, "the file has no metadata of that kind")
    }
    return bytes.value
  }

  func describe() throws(CallFailure) -> rdcodec_info {
    let format = try PixelFormat(image, channelCount: 0, bits: 0)
    var result = rdcodec_info()
    (result.width, result.height) = (UInt32(image.width), UInt32(image.height))
    result.channels = UInt32(format.channelCount)
    (result.depth, result.peak) = (UInt32(format.depth), UInt32(format.peak))
    result.is_lossless = info.isLossless ? 1 : 0
    result.maximum_error = Int32(info.maximumError)
    result.has_preview = info.latentReduction > 0 ? 1 : 0
    result.has_palette = image.colorType == .palette ? 1 : 0
    result.keeps_jpeg = info.keepsJPEG ? 1 : 0
    result.quality = info.quality
    result.format_version = UInt32(info.formatVersion)
    for item in image.metadata {
      switch item.content {
      case .resolution(let x, let y, let isPerMetre):
        (result.pixels_per_metre_x, result.pixels_per_metre_y) = (x, y)
        result.pixels_per_metre_is_ratio = isPerMetre ? 0 : 1
      case .cicp(let primaries, let transfer, let matrix, let isFullRange):
        result.cicp = (primaries, transfer, matrix, isFullRange)
        result.has_cicp = 1
      default: break
      }
    }
    return result
  }
}
