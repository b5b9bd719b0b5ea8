import DecoderCore
import Entropy
import RDCodec

/// The range coder alone, per decision.
func rangeCoderParts() -> [Part] {
  var noise = Noise(state: 3)
  let decisions = (0..<1 << 16).map { _ in UInt32(noise.next() >> 41) + (1 << 22) }
  let outcomes = decisions.map { UInt32(noise.next() >> 40) < $0 }
  func encoded() -> [UInt8] {
    var encoder = RangeEncoder()
    for place in decisions.indices {
      encoder.encode(outcomes[place], probability: decisions[place])
    }
    return encoder.finish()
  }
  let bytes = encoded()
  return [
    Part(name: "range coder, encode a decision", sampleCount: decisions.count) { _ = encoded() },
    Part(name: "range coder, decode a decision", sampleCount: decisions.count) {
      var decoder = RangeDecoder(bytes)
      var isSame = true
      for place in decisions.indices {
        isSame = isSame && decoder.decode(probability: decisions[place]) == outcomes[place]
      }
      precondition(isSame)
    },
  ]
}

/// The whole residual coder of a tile, per sample.
func residualParts() -> [Part] {
  let tile = photograph(width: 384, height: 256)
  let sampleCount = 3 * tile.width * tile.height
  return [1, 3, 4, 5, 7, 9].flatMap { effort in
    let bytes = ResidualCoder.encode(tile, prediction: nil, effort: effort).bytes
    return [
      Part(name: "residual, encode, effort \(effort)", sampleCount: sampleCount) {
        _ = ResidualCoder.encode(tile, prediction: nil, effort: effort)
      },
      Part(name: "residual, decode, effort \(effort)", sampleCount: sampleCount) {
        do {
          let decoded = try ResidualCoder.decode(
            StreamSlice(bytes, in: bytes.indices), width: tile.width, height: tile.height, depth: 8,
            planeCount: 3, hasAlpha: false, prediction: nil)
          precondition(decoded == tile)
        } catch { fatalError("\(error)") }
      },
    ]
  }
}

/// A tile about as predictable as a photograph.
private func photograph(width: Int, height: Int) -> TileSamples {
  var noise = Noise(state: 1)
  let planes = (0..<3).map { plane in
    (0..<width * height).map {
      UInt16(noise.sample(x: $0 % width, y: $0 / width, plane: plane))
    }
  }
  return TileSamples(width: width, height: height, depth: 8, hasAlpha: false, planes: planes)
}
