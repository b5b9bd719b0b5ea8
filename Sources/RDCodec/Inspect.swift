/// What a bitstream holds, read without decoding it.
public struct BitstreamInfo: Sendable, Equatable, Codable {
  public struct Stream: Sendable, Equatable, Codable {
    /// "latents", "residual", "header", "metadata".
    public var name: String
    public var tileCount: Int
    public var byteCount: Int
    public init(name: String, tileCount: Int, byteCount: Int) {
      self.name = name
      self.tileCount = tileCount
      self.byteCount = byteCount
    }
  }

  public var formatVersion: Int
  public var width: Int
  public var height: Int
  /// "grey", "greyAlpha", "rgb", "rgba" or "palette".
  public var colorType: String
  public var depth: Int
  /// Whether the file reproduces every sample.
  public var isLossless: Bool
  /// Quality of the latent layer, 1 ... 100.
  public var quality: Double
  public var modelIdentifier: String
  public var tileSize: Int
  public var metadataTypes: [String]
  public var streams: [Stream]
  public var byteCount: Int
}

/// Reads the header and the tile table.
public func inspect(
  _ bytes: [UInt8], limits: DecoderLimits = .default
) throws(CodecError) -> BitstreamInfo {
  throw .unsupported("inspect")
}
