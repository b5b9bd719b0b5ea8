internal import Entropy

/// A plane whose samples follow from those at the same places of another, or beside them: grey in
/// RGB, colour maps, a channel twice.
package struct PlaneRelation {
  package let plane: Int
  package let source: Int
  /// The sample for each rank of the source; nil: the source's own.
  private var table: [UInt16]?
  /// Where the followed sample lies, columns to the right.
  private var offset = 0
  /// The samples for which that is outside, row after row.
  private var edge: [UInt16] = []

  /// A table of more ranks, or one for fewer pixels each, would take more than the plane.
  private static let maximumCount = 1 << 12
  private static let pixelsPerRank = 16
  /// Offsets that are tried, and bits of one.
  private static let searchedOffsets = 24
  private static let offsetBits = 8

  init(plane: Int, source: Int) {
    self.plane = plane
    self.source = source
  }

  /// All that planes have; `order` is that of coding, where those before are rather followed.
  static func all(
    of planes: [[UInt16]], _ maps: [ValueMap], width: Int, order: [Int]
  ) -> [PlaneRelation] {
    var relations: [PlaneRelation] = []
    for plane in order.reversed() where maps[plane].count > 1 {
      // Planes that others follow stay.
      if relations.contains(where: { $0.source == plane }) { continue }
      for source in order where source != plane && maps[source].count > 1 {
        if relations.contains(where: { $0.plane == source }) { continue }
        if let relation = PlaneRelation(
          plane, of: planes, following: source, maps[source], width: width)
        {
          relations.append(relation)
          break
        }
      }
    }
    return relations
  }

  private init?(
    _ plane: Int, of planes: [[UInt16]], following source: Int, _ map: ValueMap, width: Int
  ) {
    let found = planes[source].withUnsafeBufferPointer { from in
      planes[plane].withUnsafeBufferPointer { to in Self.found(from, to, width: width) }
    }
    guard let (known, offset) = found else { return nil }
    let values = map.values()
    let table = values.map { UInt16(truncatingIfNeeded: max(known[Int($0)], 0)) }
    let isIdentity = table == values
    guard
      isIdentity
        || values.count <= Self.maximumCount
          && values.count * Self.pixelsPerRank <= planes[plane].count
    else { return nil }
    self.init(plane: plane, source: source)
    self.table = isIdentity ? nil : table
    self.offset = offset
    edge = Self.edge(offset, width: width, count: planes[plane].count).map { planes[plane][$0] }
  }

  /// The places that have nothing to follow.
  private static func edge(_ offset: Int, width: Int, count: Int) -> [Int] {
    guard offset != 0 else { return [] }
    return (0..<count).filter { !(0..<width).contains($0 % width + offset) }
  }

  /// The first offset by which each value always becomes the same, and what it becomes.
  private static func found(
    _ from: UnsafeBufferPointer<UInt16>, _ to: UnsafeBufferPointer<UInt16>, width: Int
  ) -> (known: [Int32], offset: Int)? {
    if let known = table(from, to) { return (known, 0) }
    for distance in stride(from: 1, through: min(searchedOffsets, width / 8), by: 1) {
      for offset in [distance, -distance] {
        if let known = table(from, to, offset: offset, width: width) { return (known, offset) }
      }
    }
    return nil
  }

  /// Beside a sample only its equal is followed: the identity, or nil.
  private static func table(
    _ from: UnsafeBufferPointer<UInt16>, _ to: UnsafeBufferPointer<UInt16>, offset: Int, width: Int
  ) -> [Int32]? {
    let columns = max(0, -offset)..<min(width, width - offset)
    for row in stride(from: 0, to: from.count, by: width) {
      for x in columns where from[row &+ x &+ offset] != to[row &+ x] { return nil }
    }
    return (0..<1 << 16).map { Int32($0) }
  }

  /// What every value becomes, −1 where it does not occur; nil where one becomes several.
  private static func table(
    _ from: UnsafeBufferPointer<UInt16>, _ to: UnsafeBufferPointer<UInt16>
  ) -> [Int32]? {
    var known = [Int32](repeating: -1, count: 1 << 16)
    for place in 0..<from.count {
      let (value, other) = (Int(from[place]), Int32(to[place]))
      if known[value] >= 0 && known[value] != other { return nil }
      known[value] = other
    }
    return known
  }

  /// The plane's samples.
  func samples(_ source: [UInt16], _ map: ValueMap, width: Int) -> [UInt16] {
    guard offset == 0 else {
      var result = shifted(source, width: width)
      for (place, sample) in zip(Self.edge(offset, width: width, count: source.count), edge) {
        result[place] = sample
      }
      return result
    }
    guard let table else { return source }
    var all = [UInt16](repeating: 0, count: 1 << 16)
    for (rank, value) in map.values().enumerated() { all[Int(value)] = table[rank] }
    return source.map { all[Int($0)] }
  }

  private func shifted(_ source: [UInt16], width: Int) -> [UInt16] {
    source.indices.map { place in
      (0..<width).contains(place % width + offset) ? source[place + offset] : 0
    }
  }

  /// Codes the offset and what it leaves open, or the table: each sample as its difference from the
  /// one before, under the last difference.
  mutating func code<Coder: BinaryCoder & ~Copyable>(
    _ map: ValueMap, depth: Int, width: Int, count: Int, with coder: inout Coder
  ) throws(CodecError) {
    if coder.code(offset != 0, probability: 1 << 20) {
      let half = 1 << (Self.offsetBits - 1)
      offset = Int(coder.codeUniform(UInt32(offset + half), bitCount: Self.offsetBits)) - half
      guard offset != 0, abs(offset) < width else {
        throw .corrupt(field: "offset of a plane", at: coder.start)
      }
      try codeEdge(Self.edge(offset, width: width, count: count).count, depth, with: &coder)
      table = nil
      return
    }
    guard coder.code(table != nil, probability: 1 << 23) else {
      table = nil
      return
    }
    var models = [DifferenceModel](repeating: DifferenceModel(), count: 3)
    let given = table
    var result: [UInt16] = []
    var (last, difference) = (0, 0)
    for rank in 0..<map.count {
      let value = given.map { Int($0[rank]) } ?? 0
      difference = models[min(abs(difference), 2)].code(value - last, with: &coder)
      last += difference
      guard (0..<1 << depth).contains(last) else {
        throw .corrupt(field: "table of a plane", at: coder.start)
      }
      result.append(UInt16(last))
      if coder.isExhausted { throw .truncated(at: coder.start) }
    }
    table = result
  }
}

extension PlaneRelation {
  private mutating func codeEdge<Coder: BinaryCoder & ~Copyable>(
    _ count: Int, _ depth: Int, with coder: inout Coder
  ) throws(CodecError) {
    let given = edge
    edge = []
    edge.reserveCapacity(count)
    for index in 0..<count {
      let sample = coder.codeUniform(
        index < given.count ? UInt32(given[index]) : 0, bitCount: depth)
      edge.append(UInt16(sample))
      if index & 255 == 0, coder.isExhausted { throw .truncated(at: coder.start) }
    }
  }
}

/// An adaptive distribution of differences below 2¹⁶: sign, exponent, and plain bits.
private struct DifferenceModel {
  private var isZero = AdaptiveBit(limit: 5)
  private var isNegative = AdaptiveBit(limit: 5)
  private var exponents = [AdaptiveBit](repeating: AdaptiveBit(limit: 5), count: 16)

  mutating func code<Coder: BinaryCoder & ~Copyable>(
    _ value: Int, with coder: inout Coder
  ) -> Int {
    if coder.code(value == 0, &isZero) { return 0 }
    let negative = coder.code(value < 0, &isNegative)
    let magnitude = UInt32(truncatingIfNeeded: abs(value))
    let width = max(0, 31 - magnitude.leadingZeroBitCount)
    var bits = 0
    while bits < 15, coder.code(bits < width, &exponents[bits]) { bits += 1 }
    let rest = coder.codeUniform(magnitude & ((1 << UInt32(bits)) - 1), bitCount: bits)
    let result = Int(1 << UInt32(bits) | rest)
    return negative ? -result : result
  }
}
