/// Where a block's levels stand in their plane, and what was coded before them.
struct LevelBlock {
  /// The levels of this block and of those around; blocks that do not exist are zero.
  var here: UnsafeMutablePointer<Int16>
  var left: UnsafePointer<Int16>
  var above: UnsafePointer<Int16>
  var aboveLeft: UnsafePointer<Int16>
  var aboveRight: UnsafePointer<Int16>
  /// The block at the same place of the planes coded before: the one before this, and luma.
  var before: UnsafePointer<Int16>
  var luma: UnsafePointer<Int16>

  /// 0 luma, 1 and 2 chroma, 3 a fourth component; those of other colours count alike.
  var plane: Int
  var isChroma: Int { min(plane, 1) }
  var hasLeft: Bool
  var hasAbove: Bool
}

/// Small classes of magnitudes and counts.
enum LevelClasses {
  /// 0 ... 11: exact up to 4, then wider and wider.
  @inline(__always)
  static func magnitude(_ value: Int) -> Int {
    if value < 5 { return value }
    if value < 7 { return 5 }
    if value < 10 { return 6 }
    if value < 15 { return 7 }
    if value < 23 { return 8 }
    if value < 41 { return 9 }
    return value < 100 ? 10 : 11
  }

  @inline(__always)
  static func sign(_ value: Int16) -> Int { value > 0 ? 2 : value < 0 ? 1 : 0 }

  /// The places of a block in the order of JPEG's zigzag.
  static let zigzag: [Int] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
  ]
  /// Those of them that lie in neither the first row nor the first column.
  static let inner: [Int] = zigzag.filter { $0 >= 8 && $0 & 7 != 0 }
}
