internal import DecoderCore

/// One of Netpbm's formats, of which one reader reads all.
struct NetpbmFormat: ImageFileFormat {
  enum Kind {
    /// Black and white (P4).
    case pbm
    /// Grey (P5).
    case pgm
    /// RGB (P6).
    case ppm
    /// Whichever of PBM, PGM and PPM the image is.
    case pnm
    /// Grey or RGB, with alpha or without (P7).
    case pam
  }

  let kind: Kind
  let name: String
  let familyName: String
  let fileExtensions: [String]

  init(_ kind: Kind, _ fileExtensions: String..., familyName: String) {
    self.kind = kind
    self.fileExtensions = fileExtensions
    self.familyName = familyName
    name = fileExtensions[0].uppercased()
  }

  func recognises(_ start: [UInt8]) -> Bool {
    start.count > 1 && start[0] == UInt8(ascii: "P") && (49...55).contains(start[1])
  }

  /// Whether a number follows the two letters, as in no text that begins with "P5 ".
  func isLikely(_ start: [UInt8]) -> Bool {
    guard FileKind(start) == .netpbm else { return false }
    if start.starts(with: "P7\n".utf8) { return true }
    let words = String(decoding: start.dropFirst(2), as: UTF8.self)
      .split(separator: "\n").filter { !$0.hasPrefix("#") }
      .flatMap { $0.split(whereSeparator: \.isWhitespace) }
    return words.count >= 2 && words.prefix(2).allSatisfy { Int($0) != nil }
  }

  func reader(
    of file: ByteSource, limits: DecoderLimits
  ) throws(CodecError) -> any ImageFileReader {
    try NetpbmReader(file, limits: limits)
  }

  func misfit(of image: Image) -> ImageFormat.Misfit? {
    do {
      _ = try image.fitting(self)
      return nil
    } catch {
      return error
    }
  }

  func losses(of image: Image) -> [String] {
    var parts = image.metadata.map(\.kindName).distinct
    if image.colorType == .palette { parts.append("the palette (its colours are kept)") }
    if image.transparentColor != nil {
      parts.append(
        "the transparent colour" + (kind == .pam ? " (as alpha)" : " (no pixel has it)"))
    }
    let hasAlpha = image.colorType.hasAlpha || image.paletteAlphaCount > 0
    if hasAlpha, kind != .pam { parts.append("alpha (opaque everywhere)") }
    guard !parts.isEmpty else { return [] }
    let list = parts.joined(separator: ", ")
    let hasUnknown = image.metadata.contains(where: \.isUnknown)
    let kept = hasUnknown ? "all but kinds of later versions" : "it"
    return ["left out, as \(name) cannot hold it: \(list); .png keeps \(kept)"]
  }

  func writer(
    _ options: ImageWriterOptions, _ write: @escaping ByteSink
  ) -> any ImageFileWriter { NetpbmStream(self, write) }
}

extension ImageFormat {
  public static let pbm = ImageFormat(NetpbmFormat(.pbm, "pbm", "pnm", familyName: "PNM"))
  public static let pgm = ImageFormat(NetpbmFormat(.pgm, "pgm", "pnm", familyName: "PNM"))
  public static let ppm = ImageFormat(NetpbmFormat(.ppm, "ppm", "pnm", familyName: "PNM"))
  public static let pnm = ImageFormat(NetpbmFormat(.pnm, "pnm", familyName: "PNM"))
  public static let pam = ImageFormat(NetpbmFormat(.pam, "pam", familyName: "PAM"))
}

extension Image {
  /// Reads a PBM, PGM, PPM or PAM file, without a word of what it leaves out.
  public init(netpbm bytes: [UInt8], limits: DecoderLimits = .default) throws(CodecError) {
    self = try ReadImage(NetpbmReader(ByteSource(bytes), limits: limits)).image
  }
}
