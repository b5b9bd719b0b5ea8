/// What a decoder may be made to allocate by the file it reads.
public struct DecoderLimits: Sendable, Equatable {
  /// Largest width or height, in pixels.
  public var dimension: Int
  /// Largest width × height.
  public var pixelCount: Int
  /// Largest size of all metadata together, in bytes, after inflating.
  public var metadataByteCount: Int

  public init(dimension: Int, pixelCount: Int, metadataByteCount: Int) {
    self.dimension = dimension
    self.pixelCount = pixelCount
    self.metadataByteCount = metadataByteCount
  }

  /// Up to 1 000 000 pixels a side, 2²⁸ pixels, 64 MiB of metadata.
  public static let `default` = DecoderLimits(
    dimension: 1_000_000, pixelCount: 1 << 28, metadataByteCount: 64 << 20)

  /// For what this program has just written itself.
  static let none = DecoderLimits(dimension: .max, pixelCount: .max, metadataByteCount: .max)
}
