/// What another codec made of one image.
struct PeerRecord: Sendable {
  var codec: String
  var file: String
  /// Nil for lossless.
  var setting: Double?
  var pixelCount: Int
  var sampleCount: Int
  var fileBits: Int
  /// Nothing for lossless.
  var distortion = Distortion()
  /// Of the tools, from start to end: they also read and write PNG or PNM. Nil where nothing was
  /// encoded.
  var encodeSeconds: Double?
  var decodeSeconds: Double?

  /// The codecs of the files that were measured, in a lossless run.
  static let png = "PNG"
  static let jpeg = "JPEG"

  var bitsPerPixel: Double { Double(fileBits) / Double(pixelCount) }
}

/// A codec that was compared: its tools, and how they were called.
struct PeerDescription: Sendable, Encodable {
  var codec: String
  /// What the encoder says of itself; nil where it says nothing.
  var version: String?
  /// With INPUT, OUTPUT and SETTING in place of what changes.
  var encodeCommand: String
  var decodeCommand: String
  /// The settings of the points, from the smallest file to the largest; empty for lossless.
  var settings: [Double] = []
}
