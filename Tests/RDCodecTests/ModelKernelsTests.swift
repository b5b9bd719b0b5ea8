import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// Every instruction set's kernels against their definition, bit for bit.
@Suite struct ModelKernelsTests {
  private static let kernels = KernelISA.all.compactMap(ModelKernels.init)
  private static let counts = [1, 4, 5, 6, 11, 13, 29]

  @Test(arguments: [16, 48], [[1, 2], [1, 96], [2, 6], [3, 10], [16, 48]])
  func convolveIsItsDefinition(outputs: Int, shape: [Int]) {
    let (rows, rowLength) = (shape[0], shape[1])
    var random = SplitMix64(seed: UInt64(outputs + rowLength))
    for step in [1, 3, rowLength] {
      for count in Self.counts {
        let stride = rowLength + count * step + 3
        let x: [Int16] = SplitMix64.noise(rows * stride + 5, &random)
        let weights: [Int16] = SplitMix64.noise(outputs * rows * rowLength, &random)
        let bias: [Int32] = SplitMix64.noise(outputs, &random)
        var expected: [Int32] = []
        for p in 0..<count {
          for o in 0..<outputs {
            var sum = bias[o]
            for r in 0..<rows {
              for i in 0..<rowLength {
                let pair = ((o / 16) * rows + r) * (rowLength / 2) + i / 2
                let weight = Int32(weights[pair * 32 + o % 16 * 2 + i % 2])
                sum &+= weight &* Int32(x[5 + r * stride + p * step + i])
              }
            }
            expected.append(sum)
          }
        }
        for kernels in Self.kernels {
          var sums = [Int32](repeating: 0, count: count * outputs)
          kernels.convolve(
            x, offset: 5, rowStride: stride, rows: rows, rowLength: rowLength, step: step,
            weights: weights, bias: bias, outputs: outputs, sums: &sums, count: count)
          #expect(sums == expected)
        }
      }
    }
  }

  @Test(arguments: [1, 3, 8, 17, 96])
  func depthwiseIsItsDefinition(channels: Int) {
    var random = SplitMix64(seed: UInt64(channels))
    for count in Self.counts {
      let stride = (count + 2) * channels + 1
      let x: [Int16] = SplitMix64.noise(3 * stride + 7, &random)
      let weights: [Int16] = SplitMix64.noise(9 * channels, &random)
      let bias: [Int32] = SplitMix64.noise(channels, &random)
      let expected = (0..<count * channels).map { place in
        (0..<9).reduce(bias[place % channels]) { sum, tap in
          let weight = Int32(weights[tap * channels + place % channels])
          return sum &+ weight &* Int32(x[7 + tap / 3 * stride + place + tap % 3 * channels])
        }
      }
      for kernels in Self.kernels {
        var sums = [Int32](repeating: 0, count: count * channels)
        kernels.depthwise(
          x, offset: 7, rowStride: stride, weights: weights, bias: bias, sums: &sums,
          count: count)
        #expect(sums == expected)
      }
    }
  }

  @Test(arguments: [1, 7, 16, 30], [false, true])
  func requantizeIsItsDefinition(shift: Int, leaky: Bool) {
    var random = SplitMix64(seed: UInt64(shift))
    for count in [0, 1, 7, 8, 9, 16, 31, 1000] {
      let sums: [Int32] = SplitMix64.noise(count, &random)
      let expected = sums.map { sum in
        let value = (sum &+ 1 << Int32(shift - 1)) >> Int32(shift)
        return Int16(clamping: leaky && value < 0 ? value >> 3 : value)
      }
      for kernels in Self.kernels {
        var y = [Int16](repeating: 77, count: count + 4)
        kernels.requantize(sums, shift: shift, leaky: leaky, to: &y, offset: 3, count: count)
        #expect(y == [77, 77, 77] + expected + [77])
      }
    }
  }

  @Test(arguments: [0, 1, 7, 8, 15, 16, 17, 33, 1000])
  func addSaturates(count: Int) {
    var random = SplitMix64(seed: UInt64(count))
    let x: [Int16] = SplitMix64.noise(count, &random)
    let y: [Int16] = SplitMix64.noise(count, &random)
    let expected = zip(x, y).map { Int16(clamping: Int($0) + Int($1)) }
    for kernels in Self.kernels {
      var sum = y
      kernels.add(&sum, x)
      #expect(sum == expected)
    }
  }
}
