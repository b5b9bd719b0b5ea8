internal import DecoderCore

/// A format of image files: how its files are known, read and written.
///
/// A new format is one file with a type that conforms and a constant of ``ImageFormat``, and its
/// name in ``ImageFormat/allCases``.
public protocol ImageFileFormat: Sendable {
  /// As messages call it: "PNG".
  var name: String { get }
  /// What help calls it together with its relatives: "PNM" for PBM, PGM and PPM.
  var familyName: String { get }
  /// Of its files, in lower case and without the dot; the first one is its own, others it may
  /// share.
  var fileExtensions: [String] { get }

  /// Whether files are written, and not only read.
  var isWritten: Bool { get }

  /// Whether a file that begins so is to be read as one of this format, damaged or not.
  func recognises(_ start: [UInt8]) -> Bool
  /// Whether a file of any name that begins so, with 512 bytes or all it has, is meant as a
  /// picture.
  func isLikely(_ start: [UInt8]) -> Bool

  /// Reads what stands before the rows. Throws
  /// ``CodecError/limitExceeded(_:needed:allowed:)`` before anything of the image is allocated.
  func reader(
    of file: ByteSource, limits: DecoderLimits
  ) throws(CodecError) -> any ImageFileReader

  /// Why this format cannot show the picture as it is; nil where it can.
  func misfit(of image: Image) -> ImageFormat.Misfit?
  /// What files of this format leave out or change of an image that fits: each in words that follow
  /// the file's name and a colon. Empty where all of it can be restored.
  func losses(of image: Image) -> [String]

  /// Writes one file, while its rows come; `write` gets its bytes, in their order.
  func writer(
    _ options: ImageWriterOptions, _ write: @escaping ByteSink
  ) -> any ImageFileWriter
}

/// Takes the next bytes of a file. What it throws ends the writing: ``CodecError/outputFailed``
/// where there is no room for them.
public typealias ByteSink = @Sendable (_ bytes: [UInt8]) throws(CodecError) -> Void

extension ImageFileFormat {
  public var familyName: String { name }
  public var isWritten: Bool { true }
  public func isLikely(_ start: [UInt8]) -> Bool { recognises(start) }
  public func misfit(of image: Image) -> ImageFormat.Misfit? { nil }
}

/// Reads an image file by rows, from the top, as often as wanted.
public protocol ImageFileReader: AnyObject {
  /// All of the image but its planes.
  var header: Image { get }

  /// Appends the next rows to the planes, at most `count`, and returns how many: fewer than `count`
  /// only at the end. ``Image/validate()`` finds samples that are above the peak.
  func readRows(_ count: Int, to planes: inout [[UInt16]]) throws(CodecError) -> Int

  /// Returns to the first row.
  func rewind() throws(CodecError)

  /// Reads what stands after the last row, once all have been read, and returns
  /// ``ReadImage/warnings``.
  func finish() throws(CodecError) -> [String]
}

/// Writes an image file while its rows come.
///
/// Every call may throw ``CodecError/unsupported(_:)``, with ``misfit``, where files of this format
/// cannot show the picture as it is. Where only the samples can say (whether alpha is opaque
/// everywhere, whether colours are grey), no byte is written before all of them have come, and the
/// file is held until then.
public protocol ImageFileWriter: ImageRowReceiver {
  /// Why this format cannot show the picture, as ``ImageFileFormat/misfit(of:)`` says it; nil as
  /// long as it can.
  var misfit: ImageFormat.Misfit? { get }

  /// Writes what stands behind the rows, once all have come.
  func finish() throws(CodecError)
}
