internal import DecoderCore
import Synchronization

/// Writes a PBM, PGM, PPM or PAM file, raw, while its image is being decoded.
final class NetpbmStream: ImageFileWriter {
  private let state: Mutex<NetpbmOutput>

  init(_ format: NetpbmFormat, _ write: @escaping ByteSink) {
    state = Mutex(NetpbmOutput(format, write))
  }

  var misfit: ImageFormat.Misfit? { state.withLock { $0.misfit } }

  func begin(_ image: Image) throws(CodecError) {
    state.withLock { $0.begin(image) }
  }

  func receive(_ rows: Image) throws(CodecError) {
    try state.withLock { state throws(CodecError) in try state.receive(rows) }
  }

  func finish() throws(CodecError) {
    try state.withLock { state throws(CodecError) in try state.finish() }
  }
}

private struct NetpbmOutput {
  private let format: NetpbmFormat
  private let write: ByteSink
  private var progress: RowProgress?
  private var height = 0
  private var hasHeader = false
  /// Bytes that wait for the last row, since only then the picture is known to fit; nil: none has
  /// to.
  private var held: [[UInt8]]?
  /// The image as far as it has come, where only all of its rows decide what file it becomes.
  private var image: Image?
  private(set) var misfit: ImageFormat.Misfit?

  init(_ format: NetpbmFormat, _ write: @escaping ByteSink) {
    self.format = format
    self.write = write
  }

  mutating func begin(_ image: Image) {
    progress = RowProgress(image)
    height = image.height
    if format.dependsOnSamples(of: image) { held = [] }
    // Whether such an image has alpha in a PAM.
    if format.kind == .pam, image.transparentColor != nil { self.image = image }
  }

  mutating func receive(_ rows: Image) throws(CodecError) {
    guard progress != nil else { throw .invalidImage("its rows have not begun") }
    let parts = try progress!.parts(of: rows)
    if image != nil {
      for index in rows.planes.indices { image!.planes[index] += rows.planes[index] }
      return
    }
    for part in parts { try append(part, of: rows) }
  }

  mutating func finish() throws(CodecError) {
    guard let progress else { throw .invalidImage("it has no rows") }
    try progress.checkEnd()
    if let image {
      self.image = nil
      try append(0..<image.height, of: image)
    }
    for bytes in held ?? [] { try write(bytes) }
    held = nil
  }

  private mutating func append(_ rows: Range<Int>, of image: Image) throws(CodecError) {
    let bytes = try bytes(of: rows, of: image)
    if held != nil { held!.append(bytes) } else { try write(bytes) }
  }

  private mutating func bytes(
    of rows: Range<Int>, of image: Image
  ) throws(CodecError) -> [UInt8] {
    // As most images are, without a copy of their rows.
    let isAsItIs = format.holds(image)
    var part = image
    let first = isAsItIs ? rows.lowerBound : 0
    if !isAsItIs {
      do { part = try image.rows(rows).fitting(format) } catch {
        misfit = error
        let names = error.alternatives.map { ".\($0.fileExtension)" }.joined(separator: " or ")
        throw .unsupported("\(error.problem); \(names) can")
      }
    }
    let isBitmap = part.colorType == .grey && part.depth == 1 && format.kind.hasBitmaps
    var bytes: [UInt8] = []
    if !hasHeader {
      bytes +=
        part.netpbmHeader(
          height: height, isBitmap: isBitmap, isPAM: format.kind == .pam
        ).utf8
      hasHeader = true
    }
    // In a bitmap 1 is black.
    if isBitmap { part.planes[0] = part.planes[0].map { 1 - $0 } }
    bytes += PackedRows(
      width: part.width, height: rows.count, channelCount: part.colorType.channelCount,
      bitCount: isBitmap ? 1 : part.depth <= 8 ? 8 : 16
    ).pack(part.planes, from: first)
    return bytes
  }
}

extension NetpbmFormat {
  /// Whether the samples of such an image decide if ``misfit(of:)`` has anything to say.
  fileprivate func dependsOnSamples(of image: Image) -> Bool {
    let hasAlpha =
      image.colorType.hasAlpha || image.paletteAlphaCount > 0 || image.transparentColor != nil
    return switch kind {
    case .pam: false
    case .ppm, .pnm: hasAlpha
    case .pgm: hasAlpha || !image.colorType.isGrey
    case .pbm: hasAlpha || !image.colorType.isGrey || image.depth > 1
    }
  }
}

extension NetpbmFormat {
  /// Whether ``Image/fitting(_:)`` changes nothing of such an image, whatever its samples are, and
  /// none of them stands for another value in the file.
  fileprivate func holds(_ image: Image) -> Bool {
    guard image.transparentColor == nil, image.depth > 1 else { return false }
    return switch kind {
    case .ppm: image.colorType == .rgb
    case .pgm: image.colorType == .grey
    case .pnm: image.colorType == .grey || image.colorType == .rgb
    case .pam: image.colorType != .palette
    case .pbm: false
    }
  }
}

extension NetpbmFormat.Kind {
  fileprivate var hasBitmaps: Bool { self == .pbm || self == .pnm }
}

extension Image {
  /// The same image with these rows alone.
  fileprivate func rows(_ rows: Range<Int>) -> Image {
    guard rows != 0..<height else { return self }
    var part = self
    part.height = rows.count
    part.planes = planes.map { Array($0[rows.lowerBound * width..<rows.upperBound * width]) }
    return part
  }

  fileprivate func netpbmHeader(height: Int, isBitmap: Bool, isPAM: Bool) -> String {
    if isPAM { return pamHeader(height: height) }
    if isBitmap { return "P4\n\(width) \(height)\n" }
    return "\(colorType == .grey ? "P5" : "P6")\n\(width) \(height)\n\(peak)\n"
  }

  private func pamHeader(height: Int) -> String {
    let tupleType =
      switch colorType {
      case .grey: depth == 1 ? "BLACKANDWHITE" : "GRAYSCALE"
      case .greyAlpha: depth == 1 ? "BLACKANDWHITE_ALPHA" : "GRAYSCALE_ALPHA"
      case .rgb, .palette: "RGB"
      case .rgba: "RGB_ALPHA"
      }
    return """
      P7
      WIDTH \(width)
      HEIGHT \(height)
      DEPTH \(colorType.channelCount)
      MAXVAL \(peak)
      TUPLTYPE \(tupleType)
      ENDHDR

      """
  }
}
