import CKernels
import TestSupport
import Testing

@testable import DecoderCore

extension SplitMix64 {
  /// Values of which every fourth is an extreme one.
  static func noise<Value: FixedWidthInteger & SignedInteger>(
    _ count: Int, _ random: inout SplitMix64
  ) -> [Value] {
    (0..<count).map { _ in
      switch Int.random(in: 0..<8, using: &random) {
      case 0: .min
      case 1: .max
      default: .random(in: .min ... .max, using: &random)
      }
    }
  }
}

/// The kernels of whole layers against their definition, on every instruction set.
@Suite struct ModelLayerKernelsTests {
  private static let kernels = KernelISA.all.compactMap(ModelKernels.init).map(\.call)
  private static let counts = [1, 4, 5, 12, 13, 31]

  struct Shape: Sendable, CustomTestStringConvertible {
    var kept: Int
    var segments: Int
    var length: Int
    var testDescription: String { "\(kept) of \(segments) × \(length)" }
  }

  /// What a layer does with its sums.
  private func finished(_ sum: Int32, shift: Int, flags: Int, there: Int16) -> Int16 {
    var value = (sum &+ 1 << Int32(shift - 1)) >> Int32(shift)
    if flags & Int(CK_LAYER_LEAKY) != 0, value < 0 { value >>= 3 }
    let result = Int16(clamping: value)
    return flags & Int(CK_LAYER_ADDS) == 0 ? result : Int16(clamping: Int(result) + Int(there))
  }

  @Test(
    arguments: [
      Shape(kept: 16, segments: 1, length: 2), Shape(kept: 12, segments: 3, length: 10),
      Shape(kept: 3, segments: 3, length: 6), Shape(kept: 33, segments: 12, length: 4),
      Shape(kept: 96, segments: 1, length: 48), Shape(kept: 20, segments: 0, length: 8),
    ], [0, 1, 2, 3])
  func layerIsItsDefinition(shape: Shape, flags: Int) {
    var random = SplitMix64(seed: UInt64(shape.kept + flags))
    let outputs = (shape.kept + 15) / 16 * 16
    let weights: [Int16] = SplitMix64.noise(outputs * shape.segments * shape.length, &random)
    let bias: [Int32] = SplitMix64.noise(outputs, &random)
    for (step, count) in zip([2, shape.length, shape.length + 6, 1, 3, 8], Self.counts) {
      let rows: [[Int16]] = (0..<shape.segments).map { _ in
        SplitMix64.noise((count - 1) * step + shape.length, &random)
      }
      let yStep = shape.kept + count % 3
      let before: [Int16] = SplitMix64.noise(count * yStep, &random)
      let shift = 1 + count % 30
      var expected = before
      for p in 0..<count {
        for o in 0..<shape.kept {
          var sum = bias[o]
          for s in 0..<shape.segments {
            for i in 0..<shape.length {
              let pair = (o / 16 * shape.segments + s) * (shape.length / 2) + i / 2
              let weight = Int32(weights[pair * 32 + o % 16 * 2 + i % 2])
              sum &+= weight &* Int32(rows[s][p * step + i])
            }
          }
          let place = p * yStep + o
          expected[place] = finished(sum, shift: shift, flags: flags, there: before[place])
        }
      }
      for kernels in Self.kernels {
        var y = before
        Self.withPointers(rows) { segments in
          weights.withUnsafeBufferPointer { weights in
            bias.withUnsafeBufferPointer { bias in
              var layer = ck_layer(
                weights: weights.baseAddress
                  ?? UnsafePointer(segments.baseAddress!)
                  .withMemoryRebound(to: Int16.self, capacity: 1) { $0 },
                bias: bias.baseAddress!, segments: shape.segments, length: shape.length,
                outputs: outputs, kept: shape.kept, shift: Int32(shift))
              kernels.layer(&layer, segments.baseAddress!, step, &y, yStep, count, Int32(flags))
            }
          }
        }
        #expect(y == expected)
      }
    }
  }

  /// Pointers to rows.
  private static func withPointers<Value>(
    _ rows: [[Value]], _ body: (UnsafeBufferPointer<UnsafePointer<Value>?>) -> Void
  ) {
    let copies = rows.map { row in
      let copy = UnsafeMutablePointer<Value>.allocate(capacity: row.count)
      copy.initialize(from: row, count: row.count)
      return copy
    }
    defer { for copy in copies { copy.deallocate() } }
    (copies.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer(body)
  }

  @Test(arguments: [1, 3, 8, 16, 17, 32, 50, 96])
  func depthwiseRowIsItsDefinition(channels: Int) {
    var random = SplitMix64(seed: UInt64(channels))
    for count in Self.counts {
      let rows: [[Int16]] = (0..<3).map { _ in SplitMix64.noise((count + 2) * channels, &random) }
      let weights: [Int16] = SplitMix64.noise(9 * channels, &random)
      let bias: [Int32] = SplitMix64.noise(channels, &random)
      let shift = 1 + count % 30
      let expected = (0..<count * channels).map { place in
        let sum = (0..<9).reduce(bias[place % channels]) { sum, tap in
          let weight = Int32(weights[tap * channels + place % channels])
          return sum &+ weight &* Int32(rows[tap / 3][place + tap % 3 * channels])
        }
        return finished(sum, shift: shift, flags: 0, there: 0)
      }
      for kernels in Self.kernels {
        var y = [Int16](repeating: 0, count: count * channels)
        Self.withPointers(rows) {
          kernels.depthwise_row(
            $0.baseAddress!, weights, bias, Int32(shift), &y, channels, count)
        }
        #expect(y == expected)
      }
    }
  }

  @Test(arguments: [1, 8, 24, 33])
  func vectorsOfAPositionAreTheirDefinition(channels: Int) {
    var random = SplitMix64(seed: UInt64(channels))
    let count = 7
    let x: [Int16] = SplitMix64.noise(count * channels, &random)
    let more: [Int16] = SplitMix64.noise(count * channels, &random)
    let vector: [Int16] = SplitMix64.noise(channels, &random)
    let steps = (0..<channels).map { _ in Int32.random(in: 1..<1 << 29, using: &random) }
    let parameters: [Int16] = SplitMix64.noise(count * 2 * channels, &random)
    for kernels in Self.kernels {
      for leaky in [0, 1] {
        var sum = x
        kernels.add_vector(&sum, vector, channels, count, Int32(leaky))
        #expect(
          sum
            == x.indices.map { i in
              let sum = Int(x[i]) + Int(vector[i % channels])
              return Int16(clamping: leaky == 1 && sum < 0 ? sum >> 3 : sum)
            })
      }
      var y = x
      kernels.leaky(more, &y, y.count)
      #expect(y == more.map { max($0, $0 >> 3) })
      kernels.coefficients(x, more, steps, &y, channels, count)
      #expect(
        y
          == x.indices.map { i in
            let sum = (Int64(x[i]) << 3 + Int64(more[i])) * Int64(steps[i % channels])
            return Int16(clamping: (sum + 1 << 16) >> 17)
          })
      kernels.reconstruct(x, more, &y, y.count)
      #expect(y == x.indices.map { Int16(clamping: Int(x[$0]) + 64 * Int(more[$0])) })
      var scales = [UInt8](repeating: 0, count: count * channels)
      kernels.scale_indices(parameters, channels, count, -26, 103, &scales)
      #expect(
        scales
          == x.indices.map { i in
            UInt8(
              Prior.scaleIndex(
                Int32(parameters[i / channels * 2 * channels + channels + i % channels])))
          })
    }
  }

  @Test(arguments: [2, 4, 6], [0, 1, 2, 3])
  func postFeaturesComeFromTwoGrids(side: Int, first: Int) {
    var random = SplitMix64(seed: UInt64(side))
    let blocks: [Int16] = SplitMix64.noise(5 * 192, &random)
    let sides: [Int16] = SplitMix64.noise(5 * 16 * side, &random)
    let (count, x) = (13, 8 + first)
    for kernels in Self.kernels {
      var y = [Int16](repeating: 0, count: count * (12 + side))
      kernels.post_features(blocks, 192, 2, sides, 16 * side, 2, side, x, count, &y)
      let expected = (x..<x + count).flatMap { x in
        let block = ((x + 2) / 4 - 2) * 192 + (x + 2) % 4 * 12
        let other = (x / 4 - 2) * 16 * side + x % 4 * side
        return blocks[block..<block + 12] + sides[other..<other + side]
      }
      #expect(y == expected)
    }
  }
}
