internal import DecoderCore

/// What the header of a PNM (P1 ... P6) or PAM (P7) file says.
///
/// Source: the format pages of Netpbm, "pbm", "pgm", "ppm" and "pam".
struct NetpbmHeader {
  /// How the samples follow the header.
  enum Encoding {
    /// Decimal numbers, or single digits in a bitmap.
    case plain
    /// ``PackedRows``: bits in a bitmap, otherwise one byte or two.
    case raw
  }

  var width: Int
  var height: Int
  var colorType: Image.ColorType
  /// The largest possible sample, 1 ... 65535.
  var maxval: Int
  var encoding: Encoding
  /// Whether this is a PBM, in which 1 is black.
  var isBitmap: Bool
  /// Where the samples start.
  var byteCount: Int
  /// Whether there are comments, which no image keeps.
  var hasComments: Bool

  /// Bits per sample, 1 ... 16.
  var depth: Int { Int.bitWidth - maxval.leadingZeroBitCount }
  /// As in ``Image/statedPeak``.
  var statedPeak: Int? { maxval == (1 << depth) - 1 ? nil : maxval }

  var rows: PackedRows {
    PackedRows(
      width: width, height: height, channelCount: colorType.channelCount,
      bitCount: isBitmap ? 1 : maxval <= 255 ? 8 : 16)
  }

  init(_ bytes: [UInt8]) throws(CodecError) {
    var scanner = NetpbmScanner(bytes, at: 2)
    switch bytes.prefix(2) {
    case [0x50, 0x31]: self = try Self.pnm(&scanner, .grey, .plain, isBitmap: true)
    case [0x50, 0x32]: self = try Self.pnm(&scanner, .grey, .plain)
    case [0x50, 0x33]: self = try Self.pnm(&scanner, .rgb, .plain)
    case [0x50, 0x34]: self = try Self.pnm(&scanner, .grey, .raw, isBitmap: true)
    case [0x50, 0x35]: self = try Self.pnm(&scanner, .grey, .raw)
    case [0x50, 0x36]: self = try Self.pnm(&scanner, .rgb, .raw)
    case [0x50, 0x37]: self = try Self.pam(&scanner)
    default: throw .invalidImage("it does not start with P1 to P7")
    }
  }

  private init(
    width: Int, height: Int, maxval: Int, colorType: Image.ColorType, encoding: Encoding = .raw,
    isBitmap: Bool = false, scanner: NetpbmScanner
  ) throws(CodecError) {
    guard width >= 1, height >= 1, (1...65535).contains(maxval) else {
      throw .invalidImage("its size is \(width) × \(height) and its maxval \(maxval)")
    }
    self.width = width
    self.height = height
    self.colorType = colorType
    self.maxval = maxval
    self.encoding = encoding
    self.isBitmap = isBitmap
    byteCount = scanner.position
    hasComments = scanner.hasComments
  }

  /// Width, height and, except in a bitmap, maxval; then one byte of white space.
  private static func pnm(
    _ scanner: inout NetpbmScanner, _ colorType: Image.ColorType, _ encoding: Encoding,
    isBitmap: Bool = false
  ) throws(CodecError) -> NetpbmHeader {
    let width = try scanner.number("width")
    let height = try scanner.number("height")
    let maxval = isBitmap ? 1 : try scanner.number("maxval")
    try scanner.skipOneSpace()
    return try NetpbmHeader(
      width: width, height: height, maxval: maxval, colorType: colorType, encoding: encoding,
      isBitmap: isBitmap, scanner: scanner)
  }

  /// Lines of a name and a value, up to ENDHDR.
  private static func pam(_ scanner: inout NetpbmScanner) throws(CodecError) -> NetpbmHeader {
    var numbers: [String: Int] = [:]
    var tupleTypes: [String] = []
    try scanner.skipOneSpace()
    while true {
      let start = scanner.position
      guard let line = try scanner.line() else { continue }
      switch line.name {
      case "ENDHDR":
        return try NetpbmHeader(
          width: numbers["WIDTH"] ?? 0, height: numbers["HEIGHT"] ?? 0,
          maxval: numbers["MAXVAL"] ?? 0,
          colorType: colorType(
            tupleTypes.joined(separator: " "), channelCount: numbers["DEPTH"] ?? 0),
          scanner: scanner)
      case "TUPLTYPE":
        tupleTypes.append(line.value)
      case "WIDTH", "HEIGHT", "DEPTH", "MAXVAL":
        // Nine digits are enough for any image and never overflow.
        guard let number = Int(line.value), line.value.utf8.count <= 9 else {
          throw .corrupt(field: "PAM \(line.name)", at: start)
        }
        numbers[line.name] = number
      default:
        throw .corrupt(field: "PAM header line", at: start)
      }
    }
  }

  /// Files without a tuple type are taken by their number of channels.
  private static func colorType(
    _ tupleType: String, channelCount: Int
  ) throws(CodecError) -> Image.ColorType {
    let colorType: Image.ColorType? =
      switch tupleType {
      case "BLACKANDWHITE", "GRAYSCALE": .grey
      case "BLACKANDWHITE_ALPHA", "GRAYSCALE_ALPHA": .greyAlpha
      case "RGB": .rgb
      case "RGB_ALPHA": .rgba
      case "": [.grey, .greyAlpha, .rgb, .rgba].first { $0.channelCount == channelCount }
      default: nil
      }
    guard let colorType, colorType.channelCount == channelCount else {
      throw .unsupported(
        "PAM of the type \(tupleType.debugDescription) with \(channelCount) channels")
    }
    return colorType
  }
}
