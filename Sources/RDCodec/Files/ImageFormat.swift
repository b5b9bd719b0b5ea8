internal import DecoderCore

/// One of the image formats that are read and written: the list of them, and their names.
public struct ImageFormat: Hashable, Sendable {
  private let format: any ImageFileFormat

  /// Why a file of some format cannot show a picture.
  public struct Misfit: Error, Equatable, Sendable {
    /// "PPM cannot hold transparent pixels".
    public var problem: String
    /// Formats that can.
    public var alternatives: [ImageFormat]

    public init(problem: String, alternatives: [ImageFormat]) {
      self.problem = problem
      self.alternatives = alternatives
    }
  }

  public init(_ format: any ImageFileFormat) { self.format = format }

  /// The format to write under this extension ("png", "PPM", …); nil for others.
  public init?(fileExtension: String) {
    let name = fileExtension.lowercased()
    let match =
      Self.written.first { $0.fileExtension == name }
      ?? Self.written.first { $0.format.fileExtensions.contains(name) }
    guard let match else { return nil }
    self = match
  }

  /// The format to read a file in that begins so; nil where it is none of these.
  public init?(start: [UInt8]) {
    guard let match = Self.allCases.first(where: { $0.format.recognises(start) }) else {
      return nil
    }
    self = match
  }

  /// "PNG".
  public var name: String { format.name }
  public var familyName: String { format.familyName }
  /// The extension of its files, without the dot.
  public var fileExtension: String { format.fileExtensions[0] }
  /// All that its files may have.
  public var fileExtensions: [String] { format.fileExtensions }
  /// As in ``ImageFileFormat/isLikely(_:)``.
  public func isLikely(_ start: [UInt8]) -> Bool { format.isLikely(start) }
  /// As in ``ImageFileFormat/misfit(of:)``.
  public func misfit(of image: Image) -> Misfit? { format.misfit(of: image) }
  /// As in ``ImageFileFormat/losses(of:)``.
  public func losses(of image: Image) -> [String] { format.losses(of: image) }

  /// As in ``ImageFileFormat/reader(of:limits:)``.
  public func reader(
    of file: ByteSource, limits: DecoderLimits = .default
  ) throws(CodecError) -> any ImageFileReader {
    try format.reader(of: file, limits: limits)
  }

  /// As in ``ImageFileFormat/writer(_:_:)``.
  public func writer(
    _ options: ImageWriterOptions, _ write: @escaping ByteSink
  ) -> any ImageFileWriter { format.writer(options, write) }

  /// The same, as no options are given.
  public func writer(_ write: @escaping ByteSink) -> any ImageFileWriter {
    format.writer(ImageWriterOptions(), write)
  }

  public static func == (a: ImageFormat, b: ImageFormat) -> Bool {
    a.fileExtension == b.fileExtension
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(fileExtension) }
}

extension ImageFormat: CaseIterable {
  /// The formats in the order in which help names them and files are tried. The first is the one to
  /// write where nothing else is said.
  public static let allCases: [ImageFormat] = [
    .png,
    .ppm,
    .pgm,
    .pbm,
    .pnm,
    .pam,
    .jpeg,
  ]

  /// Those that files are written in.
  public static let written = allCases.filter(\.format.isWritten)
}
