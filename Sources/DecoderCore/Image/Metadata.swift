/// One thing that an image's file said beside the picture, by what it is and not by how that file
/// stored it.
///
/// What has no neutral form is kept as its file's own bytes (``Content/other(_:type:bytes:)``), so
/// that a file of the same format gets it back.
public struct MetadataItem: Equatable, Sendable {
  /// Where the item stood in its file, for formats in which that matters.
  public enum Position: UInt8, Sendable {
    case beforePalette = 0
    case beforeImageData = 1
    case afterImageData = 2
  }

  /// A format whose own bytes an item may hold.
  public enum Origin: UInt8, Sendable {
    /// A chunk of a PNG file: four letters and a payload.
    case png = 1
  }

  /// Texts are bytes of UTF-8, which compare as they are, whatever characters they make.
  public enum Content: Equatable, Sendable {
    /// A colour profile. The name has at most 79 characters, of Latin-1, none of them zero; it may
    /// be empty.
    case iccProfile(name: [UInt8], profile: [UInt8])
    /// Exif: a TIFF file without pictures.
    case exif([UInt8])
    /// XMP: a text of XML. `isCompressed`: whether its file deflated it.
    case xmp([UInt8], isCompressed: Bool)
    /// The code points of ITU-T H.273.
    case cicp(primaries: UInt8, transfer: UInt8, matrix: UInt8, isFullRange: UInt8)
    /// Pixels per metre, or, unless `isPerMetre`, their ratio alone.
    case resolution(x: UInt32, y: UInt32, isPerMetre: Bool)
    /// The exponent of the samples in units of 10⁻⁵: 45455 for 1 / 2.2.
    case gamma(UInt32)
    /// x and y of white, red, green and blue in units of 10⁻⁵.
    case chromaticities([UInt32])
    /// The colours are sRGB, to be shown with this intent of ICC: 0 perceptual, 1 relative, 2
    /// saturation, 3 absolute.
    case renderingIntent(UInt8)
    /// One or three samples of the colour to show the image on.
    case background([UInt16])
    /// The same as an index into the palette.
    case backgroundIndex(UInt8)
    /// How many bits of each channel's samples were in the original; 1 to 4 channels.
    case significantBits([UInt8])
    case text(Text)
    /// When the picture was last changed, in UTC.
    case modificationTime(
      year: UInt16, month: UInt8, day: UInt8, hour: UInt8, minute: UInt8, second: UInt8)
    /// Something of that format alone. `type`: four ASCII letters.
    case other(Origin, type: String, bytes: [UInt8])
    /// What a later version has a kind for, 14 to 62, as its bytes.
    case unknown(kind: UInt8, bytes: [UInt8])

    /// The kinds that have no meaning yet.
    package static let unknownKinds: ClosedRange<UInt8> = 14...62
  }

  /// A text under a keyword, such as "Author".
  public struct Text: Equatable, Sendable {
    /// At most 79 characters of Latin-1, none of them zero; it may be empty.
    public var keyword: [UInt8]
    public var text: [UInt8]
    /// RFC 3066, such as "en-GB"; empty: not known. Like the next, without a zero, and empty unless
    /// ``isInternational``.
    public var language: [UInt8]
    /// The keyword in that language.
    public var translatedKeyword: [UInt8]
    /// Whether its file holds it as UTF-8, not as Latin-1.
    public var isInternational: Bool
    /// Whether its file deflated it.
    public var isCompressed: Bool

    public init(
      keyword: [UInt8], text: [UInt8], language: [UInt8] = [], translatedKeyword: [UInt8] = [],
      isInternational: Bool = false, isCompressed: Bool = false
    ) {
      self.keyword = keyword
      self.text = text
      self.language = language
      self.translatedKeyword = translatedKeyword
      self.isInternational = isInternational
      self.isCompressed = isCompressed
    }
  }

  public var content: Content
  public var position: Position

  public init(_ content: Content, position: Position = .beforeImageData) {
    self.content = content
    self.position = position
  }

  /// Whether only a later version knows what this is.
  package var isUnknown: Bool {
    if case .unknown = content { true } else { false }
  }

  /// Whether this says how many bits of samples there were, in whatever form.
  package var saysSignificantBits: Bool {
    if case .significantBits = content { true } else { isPNGChunk("sBIT") }
  }

  /// Whether this is a chunk of PNG that has no neutral form, of this type.
  package func isPNGChunk(_ wanted: String) -> Bool {
    guard case .other(.png, let type, _) = content else { return false }
    return type == wanted
  }
}
