internal import DecoderCore
import Synchronization

/// Writes a PNG file while its image is being decoded.
final class PNGStream: ImageFileWriter {
  private let state: Mutex<State>

  init(_ options: ImageWriterOptions, _ write: @escaping ByteSink) {
    state = Mutex(State(options, write))
  }

  /// Every picture fits.
  var misfit: ImageFormat.Misfit? { nil }

  func begin(_ image: Image) throws(CodecError) {
    try state.withLock { state throws(CodecError) in try state.begin(image) }
  }

  func receive(_ rows: Image) throws(CodecError) {
    try state.withLock { state throws(CodecError) in try state.append(rows) }
  }

  func finish() throws(CodecError) {
    try state.withLock { state throws(CodecError) in try state.finish() }
  }
}

private struct State: ~Copyable {
  private let options: ImageWriterOptions
  private let write: ByteSink
  private var writer: PNGWriter?
  /// Of the PNG.
  private var metadata: [MetadataItem] = []
  private var progress: RowProgress?

  init(_ options: ImageWriterOptions, _ write: @escaping ByteSink) {
    self.options = options
    self.write = write
  }

  mutating func begin(_ image: Image) throws(CodecError) {
    let scaling = PNGScaling(image)
    metadata = scaling.metadata(of: image)
    progress = RowProgress(image)
    writer = try PNGWriter(image, scaling, options)
    try writer!.writeSize()
    append(.beforePalette)
    try writer!.writePalette()
    append(.beforeImageData)
    try write(writer!.takeBytes())
  }

  mutating func append(_ rows: Image) throws(CodecError) {
    guard writer != nil, progress != nil else { throw .invalidImage("its rows have not begun") }
    for part in try progress!.parts(of: rows) {
      try writer!.append(part, of: rows)
      try write(writer!.takeBytes())
    }
  }

  mutating func finish() throws(CodecError) {
    guard writer != nil, let progress else { throw .invalidImage("it has no rows") }
    try progress.checkEnd()
    append(.afterImageData)
    try writer!.writeEnd()
    try write(writer!.takeBytes())
  }

  private func append(_ position: MetadataItem.Position) {
    writer!.append(PNGChunks.bytes(of: metadata, position))
  }
}
