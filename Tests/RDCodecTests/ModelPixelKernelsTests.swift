import CKernels
import TestSupport
import Testing

@testable import DecoderCore

/// The kernels of rows of pixels against their definition, on every instruction set.
@Suite struct ModelPixelKernelsTests {
  private static let kernels = KernelISA.all.compactMap(PixelKernels.init).map(\.call)
  private static let counts = [1, 2, 7, 8, 9, 16, 17, 33, 100]

  /// Rows that kernels write, with some values left and right of them.
  private final class Rows<Value: FixedWidthInteger> {
    let count: Int
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<Value>?>
    private let rowCount: Int
    private static var edge: Int { 4 }

    init(_ rowCount: Int, count: Int, _ fill: (Int, Int) -> Value = { _, _ in 0 }) {
      (self.rowCount, self.count) = (rowCount, count)
      pointers = .allocate(capacity: rowCount)
      for row in 0..<rowCount {
        let memory = UnsafeMutablePointer<Value>.allocate(capacity: count + 2 * Self.edge)
        for i in 0..<count + 2 * Self.edge { memory[i] = fill(row, i - Self.edge) }
        pointers[row] = memory + Self.edge
      }
    }

    deinit {
      for row in 0..<rowCount { (pointers[row]! - Self.edge).deallocate() }
      pointers.deallocate()
    }

    var read: UnsafePointer<UnsafePointer<Value>?> { readable(UnsafePointer(pointers)) }
    subscript(row: Int, i: Int) -> Value { pointers[row]![i] }
    func values(_ row: Int) -> [Value] { (0..<count).map { pointers[row]![$0] } }
  }

  private static func noise<Value: FixedWidthInteger>(
    _ rowCount: Int, _ count: Int, _ range: ClosedRange<Value>, seed: UInt64
  ) -> Rows<Value> {
    var random = SplitMix64(seed: seed)
    return Rows(rowCount, count: count) { _, _ in .random(in: range, using: &random) }
  }

  @Test(arguments: counts)
  func pixelsAreTakenApartAndPutTogether(count: Int) {
    var random = SplitMix64(seed: 3)
    for step in [14, 16, 44] {
      let x: [Int16] = SplitMix64.noise(count * step, &random)
      for kernels in Self.kernels {
        let planes = Rows<Int16>(6, count: 2 * count)
        kernels.split(x, step, planes.pointers, count)
        for i in 0..<6 {
          let expected = (0..<2 * count).map { x[$0 / 2 * step + i / 3 * 6 + $0 % 2 * 3 + i % 3] }
          #expect(planes.values(i) == expected)
        }
      }
    }
    let x: [Int16] = SplitMix64.noise(3 * count, &random)
    for kernels in Self.kernels {
      let planes = Rows<Int16>(3, count: count)
      kernels.separate(x, planes.pointers, count)
      for c in 0..<3 { #expect(planes.values(c) == (0..<count).map { x[3 * $0 + c] }) }
      var y = [Int16](repeating: 0, count: 3 * count)
      kernels.interleave(planes.read, &y, count)
      #expect(y == x)
    }
  }

  @Test(arguments: counts)
  func componentsAndSmoothing(count: Int) {
    let x = Self.noise(3, count, Int16.min ... .max, seed: 4)
    let wide = Self.noise(3, count, Int32.min ... .max, seed: 5)
    for kernels in Self.kernels {
      let components = Rows<Int32>(3, count: count)
      kernels.components(x.read, components.pointers, count)
      for i in 0..<count {
        let (r, g, b) = (Int32(x[0, i]), Int32(x[1, i]), Int32(x[2, i]))
        #expect(components[0, i] == r + g + b)
        #expect(components[1, i] == r - b)
        #expect(components[2, i] == 2 * g - r - b)
      }
      for distance in 1...2 {
        let y = Rows<Int32>(1, count: count)
        kernels.smooth(wide.read, distance, y.pointers[0]!, count)
        let taps: [Int32] = [1, 2, 1]
        for i in 0..<count {
          var sum: Int32 = 0
          for r in 0..<3 {
            for k in 0..<3 { sum &+= taps[r] &* taps[k] &* wide[r, i + (k - 1) * distance] }
          }
          #expect(y[0, i] == sum)
        }
      }
    }
  }

  @Test(arguments: counts)
  func filtersAreTheSame(count: Int) throws {
    let range: ClosedRange<Int32> = -98304...98304
    let rows = (0..<3).map { index in
      Self.noise(
        3, count, range.lowerBound << (4 * index)...range.upperBound << (4 * index), seed: 6)
    }
    var random = SplitMix64(seed: UInt64(count))
    let weights: [Int32] = (0..<48).map { _ in
      Bool.random(using: &random) ? 0 : Int32.random(in: -65536...65536, using: &random)
    }
    var results: [[[Int16]]] = []
    for kernels in Self.kernels {
      let planes = Self.noise(3, count, Int16.min ... .max, seed: 7)
      kernels.filter(
        rows[0].read, rows[1].read, rows[2].read, weights, planes.pointers, count)
      results.append((0..<3).map(planes.values))
    }
    for result in results { #expect(result == results[0]) }
  }

  @Test(arguments: counts)
  func samplesAreTheirDefinition(count: Int) {
    let x = Self.noise(3, count, -2500...2500, seed: 8) as Rows<Int16>
    for (low, high) in [(0, 255), (0, 1), (0, 65535), (300, 4000)] as [(Int32, Int32)] {
      for kernels in Self.kernels {
        var means = [Int32](repeating: 0, count: count)
        var samples = [UInt16](repeating: 0, count: count)
        kernels.means(x.pointers[0], low, high - low, &means, count)
        kernels.samples(x.pointers[0], low, high - low, &samples, count)
        let expected = x.values(0).map { x in
          let level = min(max(Int32(x) + 2048, 0), 4080)
          return 16 * low + (low == 0 && high == 255 ? level : (level * (high - low) + 127) / 255)
        }
        #expect(means == expected)
        #expect(samples == expected.map { UInt16(min(($0 + 8) >> 4, high)) })
      }
    }
    let wide = Self.noise(3, count, Int16.min ... .max, seed: 9)
    for kernels in Self.kernels {
      var grey = [Int16](repeating: 0, count: count)
      kernels.grey(wide.read, &grey, count)
      #expect(
        grey
          == (0..<count).map { i in
            Int16((Int(wide[0, i]) + Int(wide[1, i]) + Int(wide[2, i])) / 3)
          })
    }
  }
}
