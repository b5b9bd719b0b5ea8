internal import CKernels
internal import Entropy

/// A tile's planes in the wavefront: what is coded before their samples.
extension TileCoder {
  /// Bits of ``WavefrontPlane/Setting/unitBits``, where it is coded.
  private static let unitBitsWidth = 4

  /// Codes what the planes are like: their maps, and log₂ of the steps that models count in.
  mutating func codeHead<Coder: BinaryCoder & ~Copyable>(
    with coder: inout Coder
  ) throws(CodecError) -> [Int] {
    var unitBits: [Int] = []
    for index in maps.indices {
      try maps[index].code(depth: geometry.depth, with: &coder)
      let most = max(0, maps[index].bitCount - 8)
      guard most > 0 else {
        unitBits.append(0)
        continue
      }
      let bits = coder.isEncoder ? suitableUnitBits(index, most: most) : 0
      unitBits.append(
        Int(coder.codeUniform(UInt32(bits), bitCount: Self.unitBitsWidth)))
      guard unitBits[index] <= most else {
        throw .corrupt(field: "residual's unit", at: coder.start)
      }
    }
    try codeRelations(with: &coder)
    if coder.isExhausted { throw .truncated(at: coder.start) }
    return unitBits
  }

  /// So that neighbours differ by some units, or what W, N and NW let expect on a smooth surface:
  /// models tell small errors apart where they are small.
  private func suitableUnitBits(_ plane: Int, most: Int) -> Int {
    let ranks = ranks.base + plane * geometry.pixelCount
    var (differences, bends, count) = (0, 0, 0)
    for y in stride(from: 0, to: geometry.height, by: 8) {
      let row = ranks + y * geometry.width
      let above = y > 0 ? row - geometry.width : row + min(geometry.height - 1, 1) * geometry.width
      for x in stride(from: 1, to: geometry.width, by: 1) {
        let difference = Int(row[x]) - Int(row[x - 1])
        differences += abs(difference)
        bends += abs(difference - Int(above[x]) + Int(above[x - 1]))
        count += 1
      }
    }
    let mean = (geometry.height > 1 ? min(differences, bends) : differences) / max(count, 1)
    return min(most, max(0, Int.bitWidth - mean.leadingZeroBitCount - 3))
  }

  /// The planes that are coded, in order, with their numbers.
  func wavefrontPlanes(
    _ profile: WavefrontProfile, unitBits: [Int], prediction: TilePrediction?,
    workers: BandWorkers?
  ) -> [(number: Int, plane: WavefrontPlane)] {
    var planes: [(number: Int, plane: WavefrontPlane)] = []
    // Its value map says all of a plane of one value.
    for number in geometry.codingOrder where maps[number].count > 1 {
      let isColor = number < geometry.colorCount
      let before = planes.filter { isColor && $0.number < geometry.colorCount }.map { $0.plane }
      let helpers = before.count > 1 ? [before[before.count - 1], before[0]] : before
      let setting = WavefrontPlane.Setting(
        width: geometry.width, height: geometry.height, high: maps[number].count - 1,
        unitBits: unitBits[number], profile: profile, helpers: helpers,
        prediction: isColor
          ? prediction.map {
            WavefrontPrediction($0.means[number], scales: $0.scales[number], map: maps[number])
          } : nil, ring: Int(workers == nil ? CK_WAVE_RING : CK_WAVE_MAX_RING))
      planes.append((number, WavefrontPlane(setting)))
    }
    return planes
  }
}
