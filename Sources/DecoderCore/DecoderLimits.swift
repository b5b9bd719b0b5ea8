/// What a reader or decoder may be made to allocate by the file it reads.
public struct DecoderLimits: Sendable, Equatable {
  /// What a limit is about.
  public enum Quantity: Sendable, Equatable {
    case width
    case height
    case pixelCount
    case metadataByteCount
    case memoryByteCount
  }

  /// Largest width or height, in pixels.
  public var dimension: Int
  /// Largest width × height.
  public var pixelCount: Int
  /// Largest size of all metadata together, in bytes, after inflating.
  public var metadataByteCount: Int
  /// Most memory, in bytes, that reading or decoding may take by ``MemoryEstimate``, which is known
  /// from the header alone.
  public var memoryByteCount: Int

  public init(
    dimension: Int, pixelCount: Int, metadataByteCount: Int, memoryByteCount: Int = .max
  ) {
    self.dimension = dimension
    self.pixelCount = pixelCount
    self.metadataByteCount = metadataByteCount
    self.memoryByteCount = memoryByteCount
  }

  /// Up to 1 000 000 pixels a side, 2²⁸ pixels, 64 MiB of metadata.
  public static let `default` = DecoderLimits(
    dimension: 1_000_000, pixelCount: 1 << 28, metadataByteCount: 64 << 20)

  /// For what this program has just written itself.
  package static let none = DecoderLimits(
    dimension: .max, pixelCount: .max, metadataByteCount: .max)
}

extension DecoderLimits.Quantity {
  /// "the image has 400000000 pixels, more than the limit of 268435456".
  func excess(needed: Int, allowed: Int) -> String {
    let claim =
      switch self {
      case .width: "the image is \(needed) pixels wide"
      case .height: "the image is \(needed) pixels high"
      case .pixelCount: "the image has \(needed) pixels"
      case .metadataByteCount: "the metadata takes \(needed) bytes"
      case .memoryByteCount: "this takes up to \(needed) bytes of memory"
      }
    return "\(claim), more than the limit of \(allowed)"
  }
}
