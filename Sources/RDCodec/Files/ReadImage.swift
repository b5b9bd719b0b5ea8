internal import DecoderCore
import Synchronization

/// An image file as it was read.
public struct ReadImage: Sendable {
  public var image: Image
  /// What the file has and the image has not, or what is wrong with it and passed over as viewers
  /// do: each in words that follow the file's name and a colon, "its animation of 3 frames is left
  /// out".
  public var warnings: [String]

  /// Reads a file of any format of ``ImageFormat/allCases``, told apart by its first bytes.
  public init(_ bytes: [UInt8], limits: DecoderLimits = .default) throws(CodecError) {
    try self.init(ByteSource(bytes), limits: limits)
  }

  /// Reads a file without holding it in memory beside its image.
  public init(_ file: ByteSource, limits: DecoderLimits = .default) throws(CodecError) {
    try self.init(ImageFormat.reader(of: file, limits: limits))
  }

  /// Reads what is left of a file whose header has been read.
  init(_ reader: any ImageFileReader) throws(CodecError) {
    var image = reader.header
    // About a mebibyte of samples at once.
    let band = max(1, (1 << 19) / (image.width * image.colorType.channelCount))
    image.reservePlanes()
    var rowCount = 0
    while rowCount < image.height {
      let count = try reader.readRows(
        min(band, image.height - rowCount), to: &image.planes)
      guard count > 0 else { throw .truncated(at: rowCount) }
      rowCount += count
    }
    warnings = try reader.finish()
    try image.validate()
    self.image = image
  }
}

extension ImageFormat {
  /// Opens a file of any format, told apart by its first bytes.
  public static func reader(
    of file: ByteSource, limits: DecoderLimits = .default
  ) throws(CodecError) -> any ImageFileReader {
    let start = try file.prefix(512)
    guard let format = ImageFormat(start: start) else { throw .notImage(FileKind(start)) }
    return try format.reader(of: file, limits: limits)
  }
}

/// Reads an image file, told apart by its first bytes; ``ReadImage`` also says what is left out.
public func readImage(
  _ bytes: [UInt8], limits: DecoderLimits = .default
) throws(CodecError) -> Image {
  try ReadImage(bytes, limits: limits).image
}

/// Writes an image in the given format.
///
/// PNG keeps all there is, or scales samples of depths that it lacks. The others keep the picture;
/// what they cannot hold is left out, as ``ImageFormat/losses(of:)`` says. Throws
/// ``CodecError/unsupported(_:)`` where ``ImageFormat/misfit(of:)`` has a reason why the picture
/// itself would change.
public func writeImage(
  _ image: Image, as format: ImageFormat, _ options: ImageWriterOptions = ImageWriterOptions()
) throws(CodecError) -> [UInt8] {
  try image.validate()
  let bytes = ByteCollector()
  let writer = format.writer(options) { part in bytes.append(part) }
  var header = image
  header.planes = image.planes.map { _ in [] }
  try writer.begin(header)
  try writer.receive(image)
  try writer.finish()
  return bytes.all
}

/// A file in memory that grows.
private final class ByteCollector: Sendable {
  private let bytes = Mutex<[UInt8]>([])

  func append(_ part: [UInt8]) {
    bytes.withLock { bytes in
      if bytes.isEmpty { bytes = part } else { bytes += part }
    }
  }

  var all: [UInt8] { bytes.withLock { $0 } }
}
