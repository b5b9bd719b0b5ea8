/// What a file is by its first bytes, so that a message can name what was given by mistake.
public enum FileKind: String, Sendable, CaseIterable, CustomStringConvertible {
  case empty
  case rdc
  case png
  case netpbm
  case jpeg
  case jpegXL = "JPEG XL"
  case jpeg2000 = "JPEG 2000"
  case webP = "WebP"
  case avif
  case heic
  case gif
  case tiff
  case bmp
  case qoi
  case photoshop = "Photoshop"
  case openEXR = "OpenEXR"
  case pfm
  case flif
  case farbfeld
  case radiance = "Radiance HDR"
  case icon = "Windows icon"
  case svg
  case pdf
  case zip
  case gzip
  case zstandard = "Zstandard"
  case xz

  /// Nil where the bytes are none of these.
  public init?(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else {
      self = .empty
      return
    }
    let match = Self.signatures.first { _, parts in
      parts.allSatisfy { offset, text in
        bytes.dropFirst(offset).starts(with: text.unicodeScalars.lazy.map { UInt8($0.value) })
      }
    }
    guard let kind = match?.kind ?? Self.netpbm(bytes) else { return nil }
    self = kind
  }

  /// Whether such a file holds a picture, in a format that is read or not.
  public var isPicture: Bool {
    switch self {
    case .empty, .rdc, .pdf, .zip, .gzip, .zstandard, .xz: false
    default: true
    }
  }

  /// "a JPEG file", "an rdc file".
  public var description: String {
    switch self {
    case .empty: "an empty file"
    case .rdc: "an rdc file"
    case .netpbm: "a PNM or PAM file"
    case .avif, .heic: "an \(rawValue.uppercased()) file"
    case .openEXR: "an OpenEXR file"
    case .flif: "a FLIF file"
    case .svg: "an SVG file"
    case .xz: "an xz file"
    case .gzip, .farbfeld: "a \(rawValue) file"
    default: "a \(isAbbreviation ? rawValue.uppercased() : rawValue) file"
    }
  }

  private var isAbbreviation: Bool { rawValue.allSatisfy { $0.isLowercase } }

  /// Texts of bytes 0 ... 255, and where each stands; the first kind that fits counts.
  private static let signatures: [(kind: FileKind, parts: [(Int, String)])] = [
    (.rdc, [(0, "\u{8F}RDC")]),
    (.png, [(0, "\u{89}PNG")]),
    (.jpeg, [(0, "\u{FF}\u{D8}\u{FF}")]),
    (.jpegXL, [(0, "\u{FF}\u{0A}")]),
    (.jpegXL, [(4, "JXL \u{0D}\u{0A}\u{87}\u{0A}")]),
    (.jpeg2000, [(4, "jP  \u{0D}\u{0A}\u{87}\u{0A}")]),
    (.jpeg2000, [(0, "\u{FF}\u{4F}\u{FF}\u{51}")]),
    (.webP, [(0, "RIFF"), (8, "WEBP")]),
    (.avif, [(4, "ftypavif")]),
    (.avif, [(4, "ftypavis")]),
    (.heic, [(4, "ftyphei")]),
    (.heic, [(4, "ftyphev")]),
    (.heic, [(4, "ftypmif1")]),
    (.gif, [(0, "GIF8")]),
    (.tiff, [(0, "II*\u{0}")]),
    (.tiff, [(0, "MM\u{0}*")]),
    (.tiff, [(0, "II+\u{0}")]),
    (.tiff, [(0, "MM\u{0}+")]),
    (.bmp, [(0, "BM"), (6, "\u{0}\u{0}\u{0}\u{0}")]),
    (.qoi, [(0, "qoif")]),
    (.photoshop, [(0, "8BPS")]),
    (.openEXR, [(0, "v/1\u{1}")]),
    (.flif, [(0, "FLIF")]),
    (.farbfeld, [(0, "farbfeld")]),
    (.radiance, [(0, "#?RADIANCE")]),
    (.icon, [(0, "\u{0}\u{0}\u{1}\u{0}")]),
    (.svg, [(0, "<svg")]),
    (.pdf, [(0, "%PDF-")]),
    (.zip, [(0, "PK\u{3}\u{4}")]),
    (.gzip, [(0, "\u{1F}\u{8B}")]),
    (.zstandard, [(0, "(\u{B5}/\u{FD}")]),
    (.xz, [(0, "\u{FD}7zXZ\u{0}")]),
  ]

  /// P1 to P7 are PNM and PAM, Pf and PF are their relative with floating-point samples.
  private static func netpbm(_ bytes: [UInt8]) -> FileKind? {
    guard bytes.count > 2, bytes[0] == UInt8(ascii: "P"), Self.isSpace(bytes[2]) else { return nil }
    switch bytes[1] {
    case UInt8(ascii: "1")...UInt8(ascii: "7"): return .netpbm
    case UInt8(ascii: "F"), UInt8(ascii: "f"): return .pfm
    default: return nil
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 32 || (9...13).contains(byte) || byte == UInt8(ascii: "#")
  }
}
