internal import CKernels

/// A filter of x̂ that the encoder fits to the image by least squares and writes to the header of a
/// lossy file: an affine map of colours, and what is added of fine and less fine detail.
///
/// The learned decoder gives the mean over all images that have the same latents; what an image as
/// a whole is like beyond that, a few bytes signal. Source: N. Wiener, 1949; as adaptive filters of
/// video codecs use it (H.266, §8.8.5), and docs/decisions/0022.
package struct WienerFilter: Equatable, Sendable {
  /// Inputs at a pixel: luma and two chroma, a constant, detail of two sizes of each, and both
  /// again with their large values clamped.
  package static let inputs = 16
  /// What is added to luma and two chroma.
  package static let outputs = 3
  /// Pixels around a pixel that its inputs depend on.
  package static let margin = 3
  /// Fraction bits of a weight.
  package static let fractionBits = 14
  package static let maximumFineness = 14

  /// The step of weights is 2^−fineness, for most inputs times a power of two.
  package let fineness: Int
  /// Output after output: weights in steps.
  package let levels: [Int]

  package init(
    fineness: Int, levels: [Int]
  ) {
    self.fineness = fineness
    self.levels = levels
  }

  /// By how many doublings an input's step is coarser: the inverse of how large it usually is.
  package static let coarseness = [0, 2, 2, 0, 4, 6, 6, 3, 5, 5, 6, 7, 7, 6, 7, 7]
  /// Inputs whose levels are written together.
  package static let groups = [0..<4, 4..<7, 7..<10, 10..<13, 13..<16]
  /// Inputs that are not chroma.
  package static let lumaInputs = [0, 3, 4, 7, 10, 13]
  /// The largest weight, in units of 2^−fractionBits.
  private static let weightLimit = 1 << 16

  /// The number of fraction bits that a level of an input stands above.
  package static func shift(input: Int, fineness: Int) -> Int {
    fractionBits - fineness + coarseness[input]
  }

  /// The largest level of an input.
  package static func levelLimit(input: Int, fineness: Int) -> Int {
    weightLimit >> shift(input: input, fineness: fineness)
  }

  /// Output after output, in units of 2^−``fractionBits``.
  var weights: [Int32] {
    levels.indices.map { i in
      Int32(levels[i] << WienerFilter.shift(input: i % WienerFilter.inputs, fineness: fineness))
    }
  }

  /// The pixels that x̂ of `rows` × `columns` depends on, in an image of this size.
  static func area(
    rows: Range<Int>, columns: Range<Int>, height: Int, width: Int
  ) -> (rows: Range<Int>, columns: Range<Int>) {
    (rows.expanded(by: margin, within: 0..<height), columns.expanded(by: margin, within: 0..<width))
  }

  /// x̂ of the pixels that are asked for.
  package func callAsFunction(_ part: LatentDecoder.Surrounded) -> Tensor {
    let mean = part.mean
    let kernels = PixelKernels.best.call
    let lines = WienerRows(self, rows: 0..<mean.height, width: mean.width)
    var next = 0
    return Tensor(height: part.rows.count, width: part.columns.count, channels: 3) { pixels in
      for y in part.rows {
        while next < min(y + WienerFilter.margin + 1, mean.height) {
          mean.values.withUnsafeBufferPointer {
            kernels.separate(
              $0.baseAddress! + next * mean.rowStride, lines.planes(next), mean.width)
          }
          lines.add(next)
          next += 1
        }
        lines.filter(y)
        let (line, start) = (lines.planes(y), part.columns.lowerBound)
        let target =
          pixels.baseAddress! + (y - part.rows.lowerBound) * part.columns.count * 3
        withRows(
          (
            UnsafePointer(line[0]! + start), UnsafePointer(line[1]! + start),
            UnsafePointer(line[2]! + start)
          )
        ) { kernels.interleave($0, target, part.columns.count) }
      }
    }
  }
}

extension WienerFilter {
  /// A bit that says whether there is a filter, the filter, and zeros up to a whole byte.
  package static func bytes(of filter: WienerFilter?) -> [UInt8] {
    var bits = BitWriter()
    bits.append(filter == nil ? 0 : 1, count: 1)
    filter?.write(to: &bits)
    return bits.bytes
  }

  package static func optional(_ reader: inout ByteReader) throws(CodecError) -> WienerFilter? {
    var bits = BitReader(reader)
    let filter = try bits.read(1) == 1 ? try WienerFilter(&bits) : nil
    guard bits.isPaddedWithZeros else { throw bits.corrupt("filter") }
    reader = bits.bytes
    return filter
  }

  /// A prefix code.
  private func write(to bits: inout BitWriter) {
    bits.append(UInt64(fineness), count: 4)
    for output in 0..<WienerFilter.outputs {
      for group in WienerFilter.groups {
        let part = group.map { levels[output * WienerFilter.inputs + $0] }
        let isUsed = part.contains { $0 != 0 }
        bits.append(isUsed ? 1 : 0, count: 1)
        guard isUsed else { continue }
        for level in part { bits.append(level: level) }
      }
    }
  }

  /// The bits that a group's levels take.
  package static func bitCount(_ part: [Int]) -> Int {
    guard part.contains(where: { $0 != 0 }) else { return 1 }
    return part.reduce(1) { sum, level in
      let length = Int.bitWidth - level.magnitude.leadingZeroBitCount
      return sum + (level == 0 ? 1 : 1 + 2 * length)
    }
  }

  private init(_ bits: inout BitReader) throws(CodecError) {
    fineness = Int(try bits.read(4))
    guard fineness <= WienerFilter.maximumFineness else { throw bits.corrupt("filter") }
    var levels = [Int](repeating: 0, count: WienerFilter.outputs * WienerFilter.inputs)
    for output in 0..<WienerFilter.outputs {
      for group in WienerFilter.groups where try bits.read(1) == 1 {
        for input in group {
          let level = try bits.level()
          let limit = WienerFilter.levelLimit(input: input, fineness: fineness)
          guard abs(level) <= limit else { throw bits.corrupt("filter") }
          levels[output * WienerFilter.inputs + input] = level
        }
      }
    }
    self.levels = levels
  }

  /// The bits of all but the first, which says whether there is a filter.
  package var bitCount: Int {
    (0..<WienerFilter.outputs).reduce(4) { sum, output in
      sum
        + WienerFilter.groups.reduce(0) { sum, group in
          let first = output * WienerFilter.inputs
          return sum
            + WienerFilter.bitCount(
              Array(levels[first + group.lowerBound..<first + group.upperBound]))
        }
    }
  }
}

extension BitWriter {
  /// 0; or 1, the sign, and the magnitude by Elias's gamma code.
  fileprivate mutating func append(level: Int) {
    guard level != 0 else { return append(0, count: 1) }
    append(level < 0 ? 3 : 2, count: 2)
    let length = Int.bitWidth - level.magnitude.leadingZeroBitCount
    append((1 << UInt64(length - 1)) - 1, count: length - 1)
    append(0, count: 1)
    append(UInt64(level.magnitude) & ((1 << UInt64(length - 1)) - 1), count: length - 1)
  }
}

extension BitReader {
  fileprivate mutating func level() throws(CodecError) -> Int {
    guard try read(1) == 1 else { return 0 }
    let isNegative = try read(1) == 1
    var length = 0
    while try read(1) == 1 {
      length += 1
      guard length <= 16 else { throw corrupt("filter") }
    }
    let magnitude = 1 << length | Int(try read(length))
    return isNegative ? -magnitude : magnitude
  }
}
