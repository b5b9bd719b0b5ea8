internal import Entropy

/// Size, depth and planes of a tile: what a stream does not repeat.
package struct TileGeometry: Equatable {
  package let width: Int
  package let height: Int
  package let depth: Int
  package let planeCount: Int
  package let hasAlpha: Bool

  package init(width: Int, height: Int, depth: Int, planeCount: Int, hasAlpha: Bool) {
    self.width = width
    self.height = height
    self.depth = depth
    self.planeCount = planeCount
    self.hasAlpha = hasAlpha
  }

  package init(_ samples: TileSamples) {
    self.init(
      width: samples.width, height: samples.height, depth: samples.depth,
      planeCount: samples.planes.count, hasAlpha: samples.hasAlpha)
  }

  package var pixelCount: Int { width * height }
  package var colorCount: Int { hasAlpha ? planeCount - 1 : planeCount }

  /// The planes in the order of coding: alpha, green, red, blue. Alpha shows where colours
  /// change, and green is the colour that predicts the others best.
  package var codingOrder: [Int] {
    let colors = colorCount == 3 ? [1, 0, 2] : Array(0..<colorCount)
    return hasAlpha ? [planeCount - 1] + colors : colors
  }
}

/// How a tile's samples are put in order and modelled; the stream's first byte names it.
package enum ResidualMethod: Int, CaseIterable {
  /// Samples as they are.
  case stored = 0
  /// Plane after plane, by ``PlaneCoder`` or ``SingleExpertCoder``.
  case planar = 1
  /// Pixel after pixel: by ``CandidateCoder`` where it knows the colour, else by plane coders.
  case candidates = 2
  /// The same, but what ``CandidateCoder`` does not know is coded bit by bit by
  /// ``BitwiseValueCoder``.
  case bitwise = 3
  /// Plane after plane, eight rows at a time, by ``WavefrontPlane``.
  case wavefront = 4
  /// The one plane that is not constant, of two ranks, by ``BilevelCoder``.
  case bilevel = 5
  /// The same of a dither, whose period is told.
  case dither = 6

  /// Whether it takes samples for those of a photograph.
  package var isForPhotographs: Bool { self == .planar || self == .wavefront }

  /// Whether it takes one plane of two values.
  package var isForOneBit: Bool { self == .bilevel || self == .dither }
}

/// Codes the planes of one tile, in either direction.
package struct TileCoder: ~Copyable {
  package let geometry: TileGeometry
  /// Which values each plane uses.
  package internal(set) var maps: [ValueMap]
  /// Every plane as ranks of its map, one after the other.
  let ranks: Buffer<UInt16>
  /// Where models start, of planes and of drawings.
  package var start = StartState.shipped
  package var drawingStart = DrawingStart.shipped
  /// A plane that is there already: it helps to predict the others and is not coded.
  private let knownPlane: Int?
  /// Planes that follow from others.
  var relations: [PlaneRelation] = []

  /// For encoding `samples`.
  package init(_ samples: TileSamples, _ geometry: TileGeometry, knownPlane: Int? = nil) {
    self.geometry = geometry
    self.knownPlane = knownPlane
    // A decoder makes the map of a plane that is known from its samples alone.
    maps = samples.planes.enumerated().map { index, plane in
      index == knownPlane ? ValueMap(of: plane) : ValueMap(of: plane, width: geometry.width)
    }
    if knownPlane == nil {
      relations = PlaneRelation.all(
        of: samples.planes, maps, width: geometry.width, order: geometry.codingOrder)
      for relation in relations { maps[relation.plane] = ValueMap(following: relation.source) }
    }
    ranks = Buffer(zeroed: geometry.planeCount * geometry.pixelCount)
    for (index, plane) in samples.planes.enumerated() { setRanks(of: plane, index) }
  }

  /// For decoding.
  package init(_ geometry: TileGeometry, known: (plane: Int, samples: [UInt16])? = nil) {
    self.geometry = geometry
    knownPlane = known?.plane
    maps = Array(repeating: ValueMap(), count: geometry.planeCount)
    ranks = Buffer(zeroed: geometry.planeCount * geometry.pixelCount)
    if let known {
      maps[known.plane] = ValueMap(of: known.samples)
      setRanks(of: known.samples, known.plane)
    }
  }

  private func setRanks(of samples: [UInt16], _ index: Int) {
    let base = ranks.base + index * geometry.pixelCount
    precondition(samples.count == geometry.pixelCount)
    samples.withUnsafeBufferPointer { samples in
      if maps[index].isShift {
        let low = UInt16(maps[index].low)
        for place in 0..<samples.count { base[place] = samples[place] &- low }
      } else {
        let table = maps[index].ranks()
        for place in 0..<samples.count { base[place] = table[Int(samples[place])] }
      }
    }
  }

  /// The samples that were decoded.
  package func samples() -> TileSamples {
    var planes = maps.indices.map { index in
      let base = ranks.base + index * geometry.pixelCount
      return [UInt16](unsafeUninitializedCapacity: geometry.pixelCount) { samples, count in
        count = geometry.pixelCount
        if maps[index].isShift {
          let low = UInt16(maps[index].low)
          for place in 0..<count { samples[place] = base[place] &+ low }
        } else {
          let values = maps[index].values()
          for place in 0..<count { samples[place] = values[Int(base[place])] }
        }
      }
    }
    for relation in relations {
      planes[relation.plane] = relation.samples(
        planes[relation.source], maps[relation.source], width: geometry.width)
    }
    return TileSamples(
      width: geometry.width, height: geometry.height, depth: geometry.depth,
      hasAlpha: geometry.hasAlpha, planes: planes)
  }

  /// Codes everything.
  package mutating func code<Coder: TileStreamCoder & ~Copyable>(
    by method: ResidualMethod, _ profile: ResidualProfile, prediction: TilePrediction?,
    kernels: ResidualKernels, with coder: inout Coder
  ) throws(CodecError) {
    for index in maps.indices where index != knownPlane {
      try maps[index].code(depth: geometry.depth, with: &coder)
    }
    try codeRelations(with: &coder)
    // Its value map says all of a plane of one value.
    let planes = geometry.codingOrder.filter { maps[$0].count > 1 }
    if !planes.isEmpty {
      try codePlanes(planes, method, profile, prediction, kernels, with: &coder)
    }
    if coder.isExhausted { throw .truncated(at: coder.start) }
  }

  private func codePlanes<Coder: TileStreamCoder & ~Copyable>(
    _ planes: [Int], _ method: ResidualMethod, _ profile: ResidualProfile,
    _ prediction: TilePrediction?, _ kernels: ResidualKernels, with coder: inout Coder
  ) throws(CodecError) {
    switch method {
    case .stored: try codeStored(planes, with: &coder)
    case .planar where profile.hasSingleExpert:
      let settings = settings(planes, profile, prediction, kernels, isInterleaved: false)
      fillKnown(planes, settings)
      try codeSingleExpert(settings, planes, with: &coder)
    case .planar:
      let settings = settings(planes, profile, prediction, kernels, isInterleaved: false)
      fillKnown(planes, settings)
      let coders = makePlanes(settings)
      try codePlanar(coders, planes, with: &coder)
    case .bilevel, .dither:
      try codeBilevel(planes, isDither: method == .dither, kernels, with: &coder)
    case .wavefront: preconditionFailure("the wavefront has streams of its own")
    case .candidates, .bitwise:
      let coders = makePlanes(
        settings(planes, profile, prediction, kernels, isInterleaved: true))
      try codeCandidates(
        coders, planes, kernels, isBitwise: method == .bitwise, with: &coder)
    }
  }

  /// Gives the known plane to those that are predicted from it. Its second differences stand for
  /// prediction errors.
  private func fillKnown(_ planes: [Int], _ settings: [PlaneCoder.Setting]) {
    guard let knownPlane, let index = planes.firstIndex(of: knownPlane) else { return }
    let (samples, errors) = (settings[index].samples, settings[index].errors)
    let base = ranks.base + knownPlane * geometry.pixelCount
    for y in 0..<geometry.height {
      samples.beginRow(y)
      let row = samples.row(y)
      for x in 0..<geometry.width { row[x] = Float(base[y * geometry.width + x]) }
      samples.endRow(y)
    }
    for y in 0..<geometry.height {
      let row = samples.row(y)
      let (above, below) = (row - samples.stride, row + samples.stride)
      for x in 0..<geometry.width {
        errors.row(y)[x] =
          (row[x] - (row[x - 1] + row[x + 1] + above[x] + below[x]) * 0.25) * 0.5
      }
    }
  }

  private func codeStored<Coder: BinaryCoder & ~Copyable>(
    _ planes: [Int], with coder: inout Coder
  ) throws(CodecError) {
    for plane in planes where plane != knownPlane {
      let count = maps[plane].count
      let base = ranks.base + plane * geometry.pixelCount
      for place in 0..<geometry.pixelCount {
        let rank = coder.codeUniform(
          UInt32(base[place]), bitCount: maps[plane].bitCount)
        base[place] = UInt16(min(Int(rank), count - 1))
      }
      if coder.isExhausted { throw .truncated(at: coder.start) }
    }
  }

  private func codePlanar<Coder: TileStreamCoder & ~Copyable>(
    _ coders: consuming PlaneCoders, _ planes: [Int], with coder: inout Coder
  ) throws(CodecError) {
    for (index, plane) in planes.enumerated() where plane != knownPlane {
      let base = ranks.base + plane * geometry.pixelCount
      for y in 0..<geometry.height {
        if coder.isExhausted { throw .truncated(at: coder.start) }
        coders.base[index].codeRow(y, base + y * geometry.width, with: &coder)
      }
      coder.finish(plane: coders.base[index], index: index)
    }
    if coder.isExhausted { throw .truncated(at: coder.start) }
  }

  private func codeSingleExpert<Coder: BinaryCoder & ~Copyable>(
    _ settings: [PlaneCoder.Setting], _ planes: [Int], with coder: inout Coder
  ) throws(CodecError) {
    for (setting, plane) in zip(settings, planes) where plane != knownPlane {
      var planeCoder = SingleExpertCoder(setting)
      let base = ranks.base + plane * geometry.pixelCount
      for y in 0..<geometry.height {
        if coder.isExhausted { throw .truncated(at: coder.start) }
        planeCoder.codeRow(y, base + y * geometry.width, with: &coder)
      }
    }
    if coder.isExhausted { throw .truncated(at: coder.start) }
  }

  private func codeCandidates<Coder: TileStreamCoder & ~Copyable>(
    _ coders: consuming PlaneCoders, _ planes: [Int], _ kernels: ResidualKernels,
    isBitwise: Bool, with coder: inout Coder
  ) throws(CodecError) {
    guard
      !isBitwise || planes.allSatisfy({ maps[$0].bitCount <= BitwiseValueCoder.maximumBitCount })
    else { throw .corrupt(field: "residual method", at: coder.start) }
    var repeats = repeatDistances(planes, with: coder)
    try repeats.code(
      width: geometry.width, height: geometry.height, planeCount: planes.count, with: &coder)
    var candidates = CandidateCoder(
      kernels: kernels, width: geometry.width, height: geometry.height, repeats: repeats,
      highs: planes.map { maps[$0].count - 1 }, start: drawingStart)
    var bitwise = BitwiseValueCoder(
      kernels: kernels, planeCount: planes.count,
      pixelCount: isBitwise ? geometry.pixelCount : 1, start: drawingStart)
    let count = planes.count
    let sizes = planes.map { (count: maps[$0].count, bits: maps[$0].bitCount) }
    let bases = planes.map { ranks.base + $0 * geometry.pixelCount }
    for y in 0..<geometry.height {
      if coder.isExhausted { throw .truncated(at: coder.start) }
      for index in 0..<count { coders.base[index].beginRow(y) }
      for x in 0..<geometry.width {
        let place = y &* geometry.width &+ x
        var color: UInt64 = 0
        for index in 0..<count { color |= UInt64(bases[index][place]) &<< UInt64(16 &* index) }
        if let known = candidates.code(color, x: x, y: y, with: &coder) {
          color = known
          for index in 0..<count {
            let rank = UInt16(truncatingIfNeeded: known &>> UInt64(16 &* index))
            bases[index][place] = rank
            coders.base[index].skip(Int(rank), at: x)
          }
        } else if isBitwise {
          color = 0
          let pixel = candidates.pixel(x: x, y: y)
          for index in 0..<count {
            coders.base[index].predict(at: x)
            let expected = coders.base[index].expectation
            let rank = bitwise.code(
              Int(bases[index][place]), plane: index, count: sizes[index].count,
              bitCount: sizes[index].bits, color: color, pixel: pixel, expected: expected.rank,
              expectedError: expected.error, with: &coder)
            coders.base[index].learn(rank, at: x)
            bases[index][place] = UInt16(truncatingIfNeeded: rank)
            color |= UInt64(truncatingIfNeeded: rank) &<< UInt64(16 &* index)
          }
        } else {
          color = 0
          for index in 0..<count {
            let rank = coders.base[index].code(Int(bases[index][place]), at: x, with: &coder)
            bases[index][place] = UInt16(truncatingIfNeeded: rank)
            color |= UInt64(truncatingIfNeeded: rank) &<< UInt64(16 &* index)
          }
        }
        candidates.learn(color, x: x, y: y)
      }
      for index in 0..<count { coders.base[index].endRow() }
    }
    coder.finish(candidates: candidates, bitwise: bitwise)
    if coder.isExhausted { throw .truncated(at: coder.start) }
  }

  /// Codes the tables of planes that follow from others.
  mutating func codeRelations<Coder: BinaryCoder & ~Copyable>(
    with coder: inout Coder
  ) throws(CodecError) {
    let given = relations
    relations = []
    for plane in maps.indices {
      guard let source = maps[plane].followed else { continue }
      guard knownPlane == nil, source != plane, source < maps.count, maps[source].count > 1,
        maps[source].followed == nil
      else { throw .corrupt(field: "plane that another follows", at: coder.start) }
      var relation =
        given.first { $0.plane == plane } ?? PlaneRelation(plane: plane, source: source)
      try relation.code(
        maps[source], depth: geometry.depth, width: geometry.width, count: geometry.pixelCount,
        with: &coder)
      relations.append(relation)
    }
  }

  /// Whether these planes, those that are not constant, are one of two ranks.
  func isBilevel(_ planes: [Int]) -> Bool {
    knownPlane == nil && planes.count == 1 && maps[planes[0]].count == 2
  }

  /// The distances that an encoder signals; a decoder reads them instead.
  func repeatDistances<Coder: BinaryCoder & ~Copyable>(
    _ planes: [Int], with coder: borrowing Coder
  ) -> RepeatDistances {
    guard coder.isEncoder else { return RepeatDistances() }
    let colors = Buffer<UInt64>(zeroed: geometry.pixelCount)
    for (index, plane) in planes.enumerated() {
      let base = ranks.base + plane * geometry.pixelCount
      for place in 0..<geometry.pixelCount {
        colors.base[place] |= UInt64(base[place]) &<< UInt64(16 &* index)
      }
    }
    return RepeatDistances(
      of: colors.base, width: geometry.width, height: geometry.height,
      findsSurfaces: !isBilevel(planes))
  }
}
