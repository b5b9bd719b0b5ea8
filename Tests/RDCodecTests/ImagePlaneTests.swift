import DecoderCore
import TestSupport
import Testing

@testable import RDCodec

/// What encoders look at of planes, against the plain way to find it.
@Suite struct ImagePlaneTests {
  private static let planes: [[UInt16]] = {
    var random = SplitMix64(seed: 4)
    func values(_ range: ClosedRange<UInt16>, _ count: Int, step: UInt16 = 1) -> [UInt16] {
      (0..<count).map { _ in UInt16.random(in: range, using: &random) / step * step }
    }
    return [
      [], [0], [65535], [7, 7, 7], values(0...255, 20_000), values(3...9, 5000),
      values(0...65535, 30_000), values(0...255, 9000, step: 4),
      // What comes late: beyond, between, and both.
      values(10...20, 6000) + [9], values(10...20, 6000, step: 2) + [11],
      values(10...20, 6000) + values(10...20, 6000) + [200, 15],
      values(0...5000, 60_000) + [65535, 0],
    ]
  }()

  @Test(arguments: planes)
  func usedValuesAreThoseThatOccur(plane: [UInt16]) {
    #expect(UsedValues(of: plane).values == Set(plane).sorted().map(Int.init))
  }

  @Test(arguments: 1...4, [(1, 1), (1, 5), (5, 1), (37, 20), (70_000, 2)])
  func repeatsAreCounted(planeCount: Int, size: (width: Int, height: Int)) {
    var random = SplitMix64(seed: 6)
    let count = size.width * size.height
    let planes = (0..<planeCount).map { _ in
      (0..<count).map { _ in UInt16.random(in: 0...1, using: &random) }
    }
    for y in 0..<size.height {
      let row = y * size.width
      let expected = (row..<row + size.width).count { place in
        let isLeft = place > row && planes.allSatisfy { $0[place] == $0[place - 1] }
        return isLeft || y > 0 && planes.allSatisfy { $0[place] == $0[place - size.width] }
      }
      let counted = PlanePointers.with(planes) {
        $0.repeatCount(row: row, width: size.width, hasRowAbove: y > 0)
      }
      #expect(counted == expected)
    }
  }

  @Test func someRowsShowTheirColors() {
    let image = SyntheticImages.photograph(width: 50, height: 40)
    for step in [1, 3, 100] {
      var colors: Set<[UInt16]> = []
      for y in stride(from: 0, to: 40, by: step) {
        for x in 0..<50 { colors.insert(image.planes.map { $0[y * 50 + x] }) }
      }
      #expect(ColorPresence(image.planes, width: 50, rowStep: step).count == colors.count)
    }
    #expect(
      ColorPresence(image.planes).count
        == ColorPresence(image.planes, width: 50, rowStep: 1).count)
  }

  @Test(arguments: [1, 2, 4, 8, 16], 1...4)
  func rowsArePackedAndUnpacked(bitCount: Int, channelCount: Int) {
    var random = SplitMix64(seed: 8)
    let rows = PackedRows(width: 19, height: 5, channelCount: channelCount, bitCount: bitCount)
    let planes = (0..<channelCount).map { _ in
      (0..<2 * 19 + 95).map { _ in UInt16(Int.random(in: 0..<1 << bitCount, using: &random)) }
    }
    let bytes = rows.pack(planes, from: 2)
    for y in 0..<5 {
      for x in 0..<19 {
        for channel in 0..<channelCount {
          let bit = (x * channelCount + channel) * bitCount
          let place = y * rows.rowByteCount + bit / 8
          let sample =
            bitCount == 16
            ? UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1])
            : UInt16(bytes[place]) >> (8 - bitCount - bit % 8) & ((1 << bitCount) - 1)
          #expect(sample == planes[channel][(2 + y) * 19 + x])
        }
      }
    }
    var copy = planes.map { Array($0[..<3]) }
    rows.unpack([1, 2] + bytes, from: 2, to: &copy)
    #expect(copy == planes.map { Array($0[..<3] + $0[38...]) })
  }
}
