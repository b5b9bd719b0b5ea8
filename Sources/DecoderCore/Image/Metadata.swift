/// One ancillary PNG chunk, kept as its bytes: a colour profile, Exif, text, resolution, ….
public struct MetadataChunk: Equatable, Sendable {
  /// Where the chunk stood in its file.
  public enum Position: UInt8, Sendable {
    case beforePalette = 0
    case beforeImageData = 1
    case afterImageData = 2
  }

  /// The four-letter chunk type, such as "iCCP".
  public var type: String
  /// The chunk's payload as it stands in the file.
  public var bytes: [UInt8]
  public var position: Position

  public init(type: String, bytes: [UInt8], position: Position) {
    self.type = type
    self.bytes = bytes
    self.position = position
  }
}
