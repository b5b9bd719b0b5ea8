/// How the components of a JPEG file make its picture, whatever their number and sampling factors:
/// as libjpeg-turbo's decoder does by default (docs/FORMAT.md §13.5).
package struct ComponentPicture: Equatable, Sendable {
  /// What the components are.
  package enum Colors: UInt8, CaseIterable, Sendable {
    /// The first is a grey picture; what others show is not known.
    case first = 0
    case yCbCr = 1
    case rgb = 2
    /// Inverted, as in nearly all files: 255 is no ink.
    case cmyk = 3
    /// The same, of which cyan, magenta and yellow were turned into luma and chroma as if they were
    /// 255 less red, green and blue.
    case ycck = 4

    package var colorType: Image.ColorType { self == .first ? .grey : .rgb }

    fileprivate func allows(_ count: Int) -> Bool {
      switch self {
      case .first: (1...4).contains(count)
      case .yCbCr, .rgb: count == 3
      case .cmyk, .ycck: count == 4
      }
    }

    fileprivate var name: String {
      switch self {
      case .first: "grey"
      case .yCbCr: "YCbCr"
      case .rgb: "RGB"
      case .cmyk: "CMYK"
      case .ycck: "YCCK"
      }
    }
  }

  /// Sampling factors of a component, 1 ... 4.
  package struct Factors: Equatable, Sendable {
    package var horizontal: Int
    package var vertical: Int

    package init(horizontal: Int, vertical: Int) {
      self.horizontal = horizontal
      self.vertical = vertical
    }
  }

  package var colors: Colors
  /// Of each component.
  package var factors: [Factors]

  package init(_ colors: Colors, _ factors: [Factors]) {
    self.colors = colors
    self.factors = factors
  }

  /// The largest factors.
  private var whole: Factors {
    factors.reduce(Factors(horizontal: 1, vertical: 1)) {
      Factors(
        horizontal: max($0.horizontal, $1.horizontal), vertical: max($0.vertical, $1.vertical))
    }
  }

  /// The grid of each component's blocks, for a picture of this size.
  package func grids(width: Int, height: Int) -> [BlockGrid] {
    let whole = whole
    return factors.map {
      BlockGrid(
        width: (width * $0.horizontal + whole.horizontal - 1) / whole.horizontal,
        height: (height * $0.vertical + whole.vertical - 1) / whole.vertical, columnPhase: 0,
        rowPhase: 0)
    }
  }

  // MARK: The header

  private static let colorsShift: UInt8 = 2

  func write(to writer: inout ByteWriter) {
    writer.uint8(UInt8(factors.count - 1) | colors.rawValue << Self.colorsShift)
    for factors in factors { writer.uint8(UInt8(factors.horizontal << 4 | factors.vertical)) }
  }

  init(_ reader: inout ByteReader) throws(CodecError) {
    let start = reader.position
    let kind = try reader.uint8()
    let count = Int(kind & 3) + 1
    guard let colors = Colors(rawValue: kind >> Self.colorsShift), colors.allows(count) else {
      throw .corrupt(field: "colours of components", at: start)
    }
    self.colors = colors
    factors = []
    for _ in 0..<count {
      let place = reader.position
      let byte = Int(try reader.uint8())
      let own = Factors(horizontal: byte >> 4, vertical: byte & 15)
      guard (1...4).contains(own.horizontal), (1...4).contains(own.vertical) else {
        throw .corrupt(field: "sampling factors", at: place)
      }
      factors.append(own)
    }
  }

  // MARK: The picture

  /// The samples of the picture from those of the components.
  func picture(_ planes: [[UInt16]], width: Int, height: Int) -> [[UInt16]] {
    let enlarged = (colors == .first ? 0..<1 : factors.indices).map {
      self.enlarged(planes[$0], $0, width: width, height: height)
    }
    switch colors {
    case .first, .rgb: return enlarged
    case .yCbCr: return CoefficientStreams.colors(enlarged[0], [enlarged[1], enlarged[2]])
    case .cmyk: return Self.printed(Array(enlarged[0..<3]), enlarged[3])
    case .ycck:
      let inks = CoefficientStreams.colors(enlarged[0], [enlarged[1], enlarged[2]])
      return Self.printed(inks.map { $0.map { 255 - $0 } }, enlarged[3])
    }
  }

  /// Red, green and blue of inverted inks on white paper, ink by ink: without a profile that is what
  /// programs show.
  private static func printed(_ inks: [[UInt16]], _ black: [UInt16]) -> [[UInt16]] {
    inks.map { ink in
      zip(ink, black).map { UInt16(truncatingIfNeeded: (Int($0) &* Int($1) &+ 127) / 255) }
    }
  }

  /// A component at the picture's size.
  private func enlarged(
    _ cells: [UInt16], _ index: Int, width: Int, height: Int
  ) -> [UInt16] {
    let (whole, own) = (whole, factors[index])
    guard own != whole else { return cells }
    let columns = (width * own.horizontal + whole.horizontal - 1) / whole.horizontal
    if let sampling = sampling(own, whole, columns: columns) {
      return sampling.upsampled(cells, width: width, height: height)
    }
    var plane = [UInt16](repeating: 0, count: width * height)
    for y in 0..<height {
      let row = y * own.vertical / whole.vertical * columns
      for x in 0..<width {
        plane[y &* width &+ x] = cells[row &+ x &* own.horizontal / whole.horizontal]
      }
    }
    return plane
  }

  /// How a component of half the size is enlarged; nil where pixels take the cell that covers them.
  private func sampling(_ own: Factors, _ whole: Factors, columns: Int) -> ChromaSampling? {
    let halvesColumns = 2 * own.horizontal == whole.horizontal
    let halvesRows = 2 * own.vertical == whole.vertical
    guard halvesColumns || own.horizontal == whole.horizontal,
      halvesRows || own.vertical == whole.vertical, columns > 2 || !halvesColumns
    else { return nil }
    return ChromaSampling(
      filter: .triangle, halvesColumns: halvesColumns, halvesRows: halvesRows, columnPhase: 0,
      rowPhase: 0)
  }

  /// Whether a profile of the file is one of the picture's colours.
  var showsOwnColors: Bool {
    switch colors {
    case .first: factors.count == 1
    case .yCbCr, .rgb: true
    case .cmyk, .ycck: false
    }
  }

  /// What the picture leaves out; nil where it shows all.
  var loss: String? {
    switch colors {
    case .first where factors.count > 1:
      "the first of its \(factors.count) components is shown as grey"
    case .cmyk, .ycck: "its CMYK colours became RGB, without a profile"
    default: nil
    }
  }

  /// A name for reports, such as "4:1:1" or "CMYK".
  var name: String {
    let first = factors[0]
    let isSmaller = first == whole && factors.dropFirst().allSatisfy { $0 == factors[1] }
    if colors == .yCbCr, isSmaller, factors[1].vertical == first.vertical,
      first.horizontal == 4 * factors[1].horizontal
    {
      return "4:1:1"
    }
    let kind = colors == .first && factors.count > 1 ? "\(factors.count) components" : colors.name
    guard factors.contains(where: { $0 != first }) else { return kind }
    return kind + " " + factors.map { "\($0.horizontal)x\($0.vertical)" }.joined(separator: ",")
  }
}
