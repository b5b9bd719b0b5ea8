internal import DecoderCore
import Synchronization

/// Writes a PNG file while its image is being decoded.
///
/// Give it to ``decode(_:_:rows:progress:)``, then ask for the file with ``finish()``.
final class PNGStream: ImageFileWriter {
  private let state = Mutex(State())

  /// Nothing is written before the first rows.
  init() {}

  func receive(_ rows: Range<Int>, of image: Image) throws(CodecError) {
    try state.withLock { state throws(CodecError) in try state.append(rows, of: image) }
  }

  /// The file, once all rows have come.
  func finish() throws(CodecError) -> [UInt8] {
    try state.withLock { state throws(CodecError) in try state.finish() }
  }
}

private struct State: ~Copyable {
  private var writer: PNGWriter?
  private var metadata: [MetadataItem] = []

  mutating func append(_ rows: Range<Int>, of image: Image) throws(CodecError) {
    if writer == nil {
      let scaling = PNGScaling(image)
      metadata = scaling.metadata(of: image)
      writer = try PNGWriter(image, scaling)
    }
    try writer!.append(rows, of: image)
  }

  mutating func finish() throws(CodecError) -> [UInt8] {
    guard writer != nil else { throw .invalidImage("it has no rows") }
    return try PNGChunks.insert(metadata, into: try writer!.finish())
  }
}
