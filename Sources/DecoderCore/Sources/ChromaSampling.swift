/// How chroma planes of half the size become planes of the image's size.
package struct ChromaSampling: Equatable, Sendable {
  package enum Filter: UInt8, Sendable, CaseIterable {
    /// Each cell covers its pixels.
    case replicated = 0
    /// A cell lies on every second pixel; the mean of the two or four around is between them.
    case bilinear = 1
    /// A cell lies between its pixels, which take ¾ of it and ¼ of the next one: what JPEG
    /// decoders do by default.
    case triangle = 2

    /// For reports.
    var name: String {
      switch self {
      case .replicated: "replicated"
      case .bilinear: "bilinear"
      case .triangle: "triangle"
      }
    }
  }

  package var filter: Filter
  package var halvesColumns: Bool
  package var halvesRows: Bool
  /// 0 or 1: replicated and triangle: the first cell covers 2 − phase pixels; bilinear: the first
  /// cell lies on this pixel.
  package var columnPhase: Int
  package var rowPhase: Int

  package init(
    filter: Filter, halvesColumns: Bool, halvesRows: Bool, columnPhase: Int, rowPhase: Int
  ) {
    self.filter = filter
    self.halvesColumns = halvesColumns
    self.halvesRows = halvesRows
    self.columnPhase = columnPhase
    self.rowPhase = rowPhase
  }

  package static func allCases(_ filter: Filter) -> [ChromaSampling] {
    let axes = [(true, true), (true, false), (false, true)]
    return axes.flatMap { columns, rows in
      [0, 1].flatMap { row in
        [0, 1].compactMap { column in
          (column == 1 && !columns) || (row == 1 && !rows)
            ? nil
            : ChromaSampling(
              filter: filter, halvesColumns: columns, halvesRows: rows, columnPhase: column,
              rowPhase: row)
        }
      }
    }
  }

  /// Which cells make a pixel, along one axis; their weights sum up to 4.
  package struct Axis: Sendable {
    package struct Tap {
      package var near: Int
      package var far: Int
      package var nearWeight: Int
      package var farWeight: Int
      /// Whether the pixel is the second that its cell covers.
      package var isSecond: Bool
    }

    package var cellCount: Int
    package var taps: [Tap]

    package init(length: Int, isHalved: Bool, phase: Int, filter: Filter) {
      guard isHalved else {
        cellCount = length
        taps = (0..<length).map {
          Tap(near: $0, far: $0, nearWeight: 4, farWeight: 0, isSecond: false)
        }
        return
      }
      cellCount = ChromaSampling.cellCount(length, phase: phase, filter: filter)
      let last = cellCount - 1
      taps = (0..<length).map { x in
        switch filter {
        case .replicated:
          let cell = (x + phase) >> 1
          return Tap(near: cell, far: cell, nearWeight: 4, farWeight: 0, isSecond: false)
        case .bilinear:
          let before = (x - phase) >> 1
          if (x - phase) & 1 == 0 {
            return Tap(near: before, far: before, nearWeight: 4, farWeight: 0, isSecond: false)
          }
          let (low, high) = (max(before, 0), min(before + 1, last))
          return Tap(
            near: before < 0 ? high : low, far: before < last ? high : low, nearWeight: 2,
            farWeight: 2, isSecond: false)
        case .triangle:
          let cell = (x + phase) >> 1
          let isSecond = (x + phase) & 1 == 1
          let far = min(max(isSecond ? cell + 1 : cell - 1, 0), last)
          return Tap(near: cell, far: far, nearWeight: 3, farWeight: 1, isSecond: isSecond)
        }
      }
    }
  }

  package static func cellCount(_ length: Int, phase: Int, filter: Filter) -> Int {
    filter == .bilinear ? (length - phase + 1) >> 1 : (length - 1 + phase) >> 1 + 1
  }

  /// The size of the planes of cells of an image; takes no memory, whatever size a file states.
  package func cellSize(width: Int, height: Int) -> (columns: Int, rows: Int) {
    let count = { (length: Int, isHalved: Bool, phase: Int) in
      isHalved ? Self.cellCount(length, phase: phase, filter: filter) : length
    }
    return (count(width, halvesColumns, columnPhase), count(height, halvesRows, rowPhase))
  }

  package func columns(width: Int) -> Axis {
    Axis(length: width, isHalved: halvesColumns, phase: columnPhase, filter: filter)
  }

  package func rows(height: Int) -> Axis {
    Axis(length: height, isHalved: halvesRows, phase: rowPhase, filter: filter)
  }

  /// What is added, in sixteenths, before rounding down: as libjpeg-turbo does.
  package func bias(_ row: Axis.Tap, _ column: Axis.Tap) -> Int {
    guard filter == .triangle else { return 8 }
    if halvesColumns && halvesRows { return column.isSecond ? 7 : 8 }
    return (halvesColumns ? column.isSecond : row.isSecond) ? 8 : 4
  }

  /// The same of a row's pixels that are the first and the second of their cell.
  @inline(__always)
  package func biases(_ row: Axis.Tap) -> (first: Int, second: Int) {
    var tap = Axis.Tap(near: 0, far: 0, nearWeight: 0, farWeight: 0, isSecond: false)
    let first = bias(row, tap)
    tap.isSecond = true
    return (first, bias(row, tap))
  }

  /// The cells whose home lies in `pixels`, of an axis of `length` pixels; tiles share none.
  package func cells(
    _ pixels: Range<Int>, of length: Int, isHalved: Bool, phase: Int
  ) -> Range<Int> {
    guard isHalved else { return pixels }
    let count = Self.cellCount(length, phase: phase, filter: filter)
    let place = { (x: Int) in
      x == 0
        ? 0 : x == length ? count : (x + (filter == .bilinear ? 1 - phase : phase + 1)) >> 1
    }
    let first = min(place(pixels.lowerBound), count)
    return first..<max(first, min(place(pixels.upperBound), count))
  }

  package func cellRows(_ rows: Range<Int>, of height: Int) -> Range<Int> {
    cells(rows, of: height, isHalved: halvesRows, phase: rowPhase)
  }

  package func cellColumns(_ columns: Range<Int>, of width: Int) -> Range<Int> {
    cells(columns, of: width, isHalved: halvesColumns, phase: columnPhase)
  }

  /// The plane of `height` × `width` that `cells` make.
  package func upsampled(_ cells: [UInt16], width: Int, height: Int) -> [UInt16] {
    let columns = columns(width: width)
    let rows = rows(height: height)
    var plane = [UInt16](repeating: 0, count: width * height)
    // What two rows of cells come to in each column of them.
    var line = [Int](repeating: 0, count: columns.cellCount)
    for y in 0..<height {
      let row = rows.taps[y]
      let (near, far) = (row.near * columns.cellCount, row.far * columns.cellCount)
      for cell in line.indices {
        line[cell] =
          Int(cells[near + cell]) &* row.nearWeight &+ Int(cells[far + cell]) &* row.farWeight
      }
      let biases = biases(row)
      for x in 0..<width {
        let tap = columns.taps[x]
        let sum = line[tap.near] &* tap.nearWeight &+ line[tap.far] &* tap.farWeight
        let bias = tap.isSecond ? biases.second : biases.first
        plane[y * width + x] = UInt16(truncatingIfNeeded: (sum &+ bias) &>> 4)
      }
    }
    return plane
  }
}
