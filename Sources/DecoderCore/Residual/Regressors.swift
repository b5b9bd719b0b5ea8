/// A run of neighbouring samples of one row, relative to the sample being coded.
struct RegressorRun: Equatable {
  let row: Int
  let columns: ClosedRange<Int>

  var count: Int { columns.count }
}

/// Which samples predict a sample, in runs along rows.
///
/// The order of worth was measured on photographs: W N NW NE WW NN (2,−1) (−2,−1) (1,−2)
/// (−1,−2) (−3,0) (0,−3) (3,−1) (2,−2) (−2,−2) (−3,−1).
enum Regressors {
  /// Samples of the plane itself, all coded before: 16, 14, 8 or 6 of them.
  static func own(_ count: Int) -> [RegressorRun] {
    switch count {
    case 16:
      [
        .init(row: 0, columns: -3...(-1)), .init(row: -1, columns: -3...3),
        .init(row: -2, columns: -2...2), .init(row: -3, columns: 0...0),
      ]
    case 14:
      [
        .init(row: 0, columns: -3...(-1)), .init(row: -1, columns: -2...3),
        .init(row: -2, columns: -1...2), .init(row: -3, columns: 0...0),
      ]
    case 8:
      [
        .init(row: 0, columns: -2...(-1)), .init(row: -1, columns: -2...2),
        .init(row: -2, columns: 0...0),
      ]
    default:
      [
        .init(row: 0, columns: -2...(-1)), .init(row: -1, columns: -1...1),
        .init(row: -2, columns: 0...0),
      ]
    }
  }

  /// Samples of a plane that is known as a whole: twelve around the place, or two or four.
  static func known(_ count: Int) -> [RegressorRun] {
    switch count {
    case 12:
      [
        .init(row: 0, columns: -2...2), .init(row: -1, columns: -1...1),
        .init(row: 1, columns: -1...1), .init(row: -2, columns: 0...0),
      ]
    case 4: [.init(row: 0, columns: -1...1), .init(row: 1, columns: 0...0)]
    default: [.init(row: 0, columns: 0...1)]
    }
  }

  /// Samples of an earlier plane of the same pixel, where pixels are coded one by one.
  static let earlier: [RegressorRun] = [
    .init(row: 0, columns: -2...0), .init(row: -1, columns: -1...1),
    .init(row: -2, columns: 0...0),
  ]

  /// Samples of a later plane, where pixels are coded one by one.
  static let later: [RegressorRun] = [
    .init(row: 0, columns: -1...(-1)), .init(row: -1, columns: -1...0),
  ]
}
