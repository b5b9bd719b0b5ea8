/// An image in memory: planes of integer samples and everything else that its file said.
public struct Image: Equatable, Sendable {
  /// What the samples mean; the raw values are PNG's colour types.
  public enum ColorType: UInt8, Sendable, CaseIterable {
    case grey = 0
    case rgb = 2
    /// One plane of indices into ``Image/palette``.
    case palette = 3
    case greyAlpha = 4
    case rgba = 6

    /// Planes of an image of this type; alpha, where present, is the last.
    public var channelCount: Int {
      switch self {
      case .grey, .palette: 1
      case .greyAlpha: 2
      case .rgb: 3
      case .rgba: 4
      }
    }
  }

  /// One palette entry; `alpha` is 255 for entries that tRNS leaves out.
  public struct PaletteEntry: Equatable, Sendable {
    public var red, green, blue, alpha: UInt8
    public init(red: UInt8, green: UInt8, blue: UInt8, alpha: UInt8 = 255) {
      self.red = red
      self.green = green
      self.blue = blue
      self.alpha = alpha
    }
  }

  public var width: Int
  public var height: Int
  public var colorType: ColorType
  /// Bits per sample, 1 ... 16: as many as ``peak`` takes.
  public var depth: Int
  /// The largest possible sample, white or opaque, where the file said one below 2^depth − 1: the
  /// maxval of a Netpbm file. Nil for PNG files and for palettes.
  public var statedPeak: Int?
  /// `colorType.channelCount` planes of width × height samples, row after row.
  public var planes: [[UInt16]]
  /// The palette of a `.palette` image, otherwise empty.
  public var palette: [PaletteEntry]
  /// How many palette entries tRNS gives an alpha for (0: no tRNS chunk).
  public var paletteAlphaCount: Int
  /// The one colour that tRNS makes transparent in a grey (1 value) or RGB (3 values) image.
  public var transparentColor: [UInt16]?
  /// Ancillary information that travels with the image, in file order.
  public var metadata: [MetadataItem]

  public init(
    width: Int, height: Int, colorType: ColorType, depth: Int, statedPeak: Int? = nil,
    planes: [[UInt16]],
    palette: [PaletteEntry] = [], paletteAlphaCount: Int = 0, transparentColor: [UInt16]? = nil,
    metadata: [MetadataItem] = []
  ) {
    self.width = width
    self.height = height
    self.colorType = colorType
    self.depth = depth
    self.statedPeak = statedPeak
    self.planes = planes
    self.palette = palette
    self.paletteAlphaCount = paletteAlphaCount
    self.transparentColor = transparentColor
    self.metadata = metadata
  }

  public var pixelCount: Int { width * height }

  /// The largest possible sample: ``statedPeak``, else 2^depth − 1.
  public var peak: Int { statedPeak ?? (1 << depth) - 1 }
}
