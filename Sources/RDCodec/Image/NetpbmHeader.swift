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
  /// Bits per sample, 1 ... 16; the file's maxval is 2^depth − 1.
  var depth: Int
  var encoding: Encoding
  /// Whether this is a PBM, in which 1 is black.
  var isBitmap: Bool
  /// Where the samples start.
  var byteCount: Int

  var rows: PackedRows {
    PackedRows(
      width: width, height: height, channelCount: colorType.channelCount,
      bitCount: isBitmap ? 1 : depth <= 8 ? 8 : 16)
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
    isBitmap: Bool = false, byteCount: Int
  ) throws(CodecError) {
    guard width >= 1, height >= 1, (1...65535).contains(maxval) else {
      throw .invalidImage("its size is \(width) × \(height) and its maxval \(maxval)")
    }
    guard maxval & (maxval + 1) == 0 else {
      throw .unsupported("maxval \(maxval); only one less than a power of two is")
    }
    self.width = width
    self.height = height
    self.colorType = colorType
    depth = maxval.nonzeroBitCount
    self.encoding = encoding
    self.isBitmap = isBitmap
    self.byteCount = byteCount
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
      isBitmap: isBitmap, byteCount: scanner.position)
  }

  /// Lines of a name and a value, up to ENDHDR.
  private static func pam(_ scanner: inout NetpbmScanner) throws(CodecError) -> NetpbmHeader {
    var numbers: [String: Int] = [:]
    var tupleType: String?
    try scanner.skipOneSpace()
    while true {
      let start = scanner.position
      let words = try scanner.line()
      switch (words.first, words.count) {
      case (nil, _):
        continue
      case ("ENDHDR", 1):
        return try NetpbmHeader(
          width: numbers["WIDTH"] ?? 0, height: numbers["HEIGHT"] ?? 0,
          maxval: numbers["MAXVAL"] ?? 0,
          colorType: colorType(tupleType, channelCount: numbers["DEPTH"] ?? 0),
          byteCount: scanner.position)
      case ("TUPLTYPE", 2):
        tupleType = words[1]
      case ("WIDTH", 2), ("HEIGHT", 2), ("DEPTH", 2), ("MAXVAL", 2):
        // Nine digits are enough for any image and never overflow.
        guard let number = Int(words[1]), words[1].utf8.count <= 9 else { fallthrough }
        numbers[words[0]] = number
      default:
        throw .corrupt(field: "PAM header line", at: start)
      }
    }
  }

  /// Files without a tuple type are taken by their number of channels.
  private static func colorType(
    _ tupleType: String?, channelCount: Int
  ) throws(CodecError) -> Image.ColorType {
    let colorType: Image.ColorType? =
      switch tupleType {
      case "BLACKANDWHITE", "GRAYSCALE": .grey
      case "BLACKANDWHITE_ALPHA", "GRAYSCALE_ALPHA": .greyAlpha
      case "RGB": .rgb
      case "RGB_ALPHA": .rgba
      case nil: [.grey, .greyAlpha, .rgb, .rgba].first { $0.channelCount == channelCount }
      default: nil
      }
    guard let colorType, colorType.channelCount == channelCount else {
      throw .unsupported("PAM of the type \(tupleType ?? "") with \(channelCount) channels")
    }
    return colorType
  }
}
