/// Where the samples of one to four planes of the same size lie; for planes that are missing stands
/// the first, so that loops over pixels need not count.
struct PlanePointers {
  let count: Int
  let first, second, third, fourth: UnsafePointer<UInt16>

  /// Calls `body` with the places of `planes`, which are valid meanwhile.
  static func with<Result>(_ planes: [[UInt16]], _ body: (PlanePointers) -> Result) -> Result {
    precondition(
      (1...4).contains(planes.count) && planes.allSatisfy { $0.count == planes[0].count })
    func plane(_ index: Int) -> [UInt16] { planes[index < planes.count ? index : 0] }
    return plane(0).withUnsafeBufferPointer { first in
      plane(1).withUnsafeBufferPointer { second in
        plane(2).withUnsafeBufferPointer { third in
          plane(3).withUnsafeBufferPointer { fourth in
            guard let a = first.baseAddress, let b = second.baseAddress,
              let c = third.baseAddress, let d = fourth.baseAddress
            else { preconditionFailure("planes are empty") }
            return body(
              PlanePointers(count: planes.count, first: a, second: b, third: c, fourth: d))
          }
        }
      }
    }
  }

  /// The samples of a pixel as one number, the first in the highest place.
  @inline(__always)
  func color(_ place: Int) -> UInt64 {
    var color = UInt64(first[place])
    if count > 1 { color = color &<< 16 | UInt64(second[place]) }
    if count > 2 { color = color &<< 16 | UInt64(third[place]) }
    if count > 3 { color = color &<< 16 | UInt64(fourth[place]) }
    return color
  }

  /// The number of pixels of a row of `width` that equal their left or upper neighbour in every
  /// plane. `row`: where it begins; `hasRowAbove`: whether there is an upper one.
  func repeatCount(row: Int, width: Int, hasRowAbove: Bool) -> Int {
    let (a, b, c, d) = (first + row, second + row, third + row, fourth + row)
    guard hasRowAbove else {
      return (1..<max(width, 1)).count { x in
        a[x] == a[x - 1] && b[x] == b[x - 1] && c[x] == c[x - 1] && d[x] == d[x - 1]
      }
    }
    let beginsAsAbove =
      a[0] == a[-width] && b[0] == b[-width] && c[0] == c[-width] && d[0] == d[-width]
    var total = beginsAsAbove ? 1 : 0
    // In parts that 16 bits can count; written so that compilers do many pixels at once.
    var x = 1
    while x < width {
      let end = min(x + 1 << 15, width)
      var repeats: UInt16 = 0
      while x < end {
        let left =
          (a[x] ^ a[x &- 1]) | (b[x] ^ b[x &- 1]) | (c[x] ^ c[x &- 1]) | (d[x] ^ d[x &- 1])
        let up =
          (a[x] ^ a[x &- width]) | (b[x] ^ b[x &- width]) | (c[x] ^ c[x &- width])
          | (d[x] ^ d[x &- width])
        let isLeft: UInt16 = left == 0 ? 1 : 0
        let isUp: UInt16 = up == 0 ? 1 : 0
        repeats &+= isLeft | isUp
        x &+= 1
      }
      total += Int(repeats)
    }
    return total
  }
}
