/// How often every column and row of an image is repeated: pixel art, and pictures that were
/// enlarged without interpolation.
///
/// What is coded is the image with one of each; a decoder repeats them. The last column or row may
/// be repeated less often than the others.
package struct PixelReplication: Equatable, Sendable {
  /// 1 ... 255.
  var columns = 1
  var rows = 1

  /// No repetition.
  package static let none = PixelReplication()
  static let maximum = 255

  package var isNone: Bool { self == .none }

  /// The size of what is coded for an image of this size.
  func reduced(width: Int, height: Int) -> (width: Int, height: Int) {
    ((width + columns - 1) / columns, (height + rows - 1) / rows)
  }

  init() {}

  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
  }

  /// The largest factors by which `image` is a repetition.
  package init(of image: Image) {
    let width = image.width
    let height = image.height
    var columns = 0
    var rows = 0
    for plane in image.planes {
      plane.withUnsafeBufferPointer { plane in
        for y in 0..<height {
          if columns == 1 && rows == 1 { break }
          let row = plane.baseAddress! + y * width
          if rows != 1, y > 0, Self.differs(row, row - width, width) {
            rows = Self.greatestCommonDivisor(rows, y)
          }
          guard columns != 1 else { continue }
          for x in 1..<max(width, 1) where row[x] != row[x &- 1] {
            columns = Self.greatestCommonDivisor(columns, x)
            if columns == 1 { break }
          }
        }
      }
    }
    // 0: a single colour across, which costs nothing as it is.
    self.columns = (1...Self.maximum).contains(columns) ? columns : 1
    self.rows = (1...Self.maximum).contains(rows) ? rows : 1
  }

  private static func differs(
    _ row: UnsafePointer<UInt16>, _ other: UnsafePointer<UInt16>, _ count: Int
  ) -> Bool {
    // Rows that differ mostly do so early; those that do not are compared many samples at once.
    for first in stride(from: 0, to: count, by: 64) {
      var difference: UInt16 = 0
      for x in first..<min(first + 64, count) { difference |= row[x] ^ other[x] }
      if difference != 0 { return true }
    }
    return false
  }

  private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    b == 0 ? a : greatestCommonDivisor(b, a % b)
  }

  /// The image with one of each column and row.
  package func reduce(_ image: Image) -> Image {
    guard !isNone else { return image }
    let (width, height) = reduced(width: image.width, height: image.height)
    var result = image
    result.width = width
    result.height = height
    result.planes = image.planes.map { plane in
      (0..<width * height).map { plane[$0 / width * rows * image.width + $0 % width * columns] }
    }
    return result
  }

  /// What is coded of a region of the image.
  func coded(_ region: ImageRegion) -> ImageRegion {
    let x = region.x / columns
    let y = region.y / rows
    return ImageRegion(
      x: x, y: y, width: (region.x + region.width - 1) / columns - x + 1,
      height: (region.y + region.height - 1) / rows - y + 1)
  }

  /// What coded pixels give of a region of the image.
  func expanded(_ coded: ImageRegion, within region: ImageRegion) -> ImageRegion {
    guard !isNone else { return coded }
    let ys = (coded.y * rows..<(coded.y + coded.height) * rows).clamped(to: region.rows)
    return ImageRegion(x: region.x, y: ys.lowerBound, width: region.width, height: ys.count)
  }

  /// A region of the image, from what ``coded(_:)`` says is coded of it.
  func expand(_ image: Image, of coded: ImageRegion, to region: ImageRegion) -> Image {
    guard !isNone else { return image }
    var result = image
    result.width = region.width
    result.height = region.height
    result.planes = image.planes.map { plane in
      var samples: [UInt16] = []
      samples.reserveCapacity(region.width * region.height)
      for y in region.rows {
        let row = (y / rows - coded.y) * coded.width
        for x in region.columns { samples.append(plane[row + x / columns - coded.x]) }
      }
      return samples
    }
    return result
  }
}
