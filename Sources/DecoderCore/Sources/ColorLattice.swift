/// The colours that integer coordinates stand for: RGB = clamp(round(matrix · k + offset)).
///
/// Coordinates k = (luma, first chroma, second chroma) are at least 0. Everything is an integer in
/// units of 2⁻¹⁶, so that both directions agree on every machine (docs/FORMAT.md §13).
@frozen
@usableFromInline
package struct ColorLattice: Equatable, Sendable {
  @inlinable package static var fractionBits: Int { 16 }
  /// Matrix entries and offsets are below 2^`entryBits` · 2⁻¹⁶ in magnitude.
  package static let entryBits = 28

  /// YCbCr as JPEG decoders turn it into RGB (JFIF), in their own fixed point.
  package static let jfif = ColorLattice(
    matrix: [
      SIMD3(65536, 0, 91881), SIMD3(65536, -22554, -46802), SIMD3(65536, 116130, 0),
    ],
    offset: SIMD3(-91881 * 128, (22554 + 46802) * 128, -116130 * 128))

  /// For red, green and blue: how much each coordinate adds.
  @usableFromInline package var matrix: [SIMD3<Int>]
  @usableFromInline package var offset: SIMD3<Int>

  /// What `k` gives before it is rounded and clamped, in 2⁻¹⁶; a half is added already.
  @inlinable @inline(__always)
  package func position(_ k: SIMD3<Int>, _ channel: Int) -> Int64 {
    let row = matrix[channel]
    // Three products below 2²⁸ · 2¹².
    return Int64(row.x) &* Int64(k.x) &+ Int64(row.y) &* Int64(k.y) &+ Int64(row.z) &* Int64(k.z)
      &+ Int64(offset[channel]) &+ (1 &<< Int64(Self.fractionBits - 1))
  }

  /// One channel of the colour of `k`, 0 ... 255.
  @inlinable @inline(__always)
  package func sample(_ k: SIMD3<Int>, _ channel: Int) -> Int {
    Int(truncatingIfNeeded: min(max(position(k, channel) &>> Int64(Self.fractionBits), 0), 255))
  }

  /// The same lattice counted from `low` on.
  package func shifted(by low: SIMD3<Int>) -> ColorLattice {
    var result = self
    for channel in 0..<3 {
      let row = matrix[channel]
      result.offset[channel] += row.x * low.x + row.y * low.y + row.z * low.z
    }
    return result
  }

  package func write(to writer: inout ByteWriter) {
    for channel in 0..<3 {
      for value in [
        matrix[channel].x, matrix[channel].y, matrix[channel].z, offset[channel],
      ] {
        writer.uint32(UInt32(bitPattern: Int32(value)))
      }
    }
  }

  /// Whether all entries are small enough for the format.
  package var isValid: Bool {
    let limit: UInt = 1 << UInt(Self.entryBits)
    return (0..<3).allSatisfy { channel in
      let row = matrix[channel]
      return [row.x, row.y, row.z, offset[channel]].allSatisfy { $0.magnitude < limit }
    }
  }

  package init(matrix: [SIMD3<Int>], offset: SIMD3<Int>) {
    self.matrix = matrix
    self.offset = offset
  }

  package init(_ reader: inout ByteReader) throws(CodecError) {
    let start = reader.position
    matrix = []
    offset = .zero
    for channel in 0..<3 {
      let values = try reader.int32s(4).map { Int($0) }
      matrix.append(SIMD3(values[0], values[1], values[2]))
      offset[channel] = values[3]
    }
    guard isValid else { throw .corrupt(field: "colour lattice", at: start) }
  }
}
