internal import DecoderCore

/// A lattice that an image's colours lie on, with what its pixels say at once: the encoder's alone.
struct LatticeStart {
  private let pixels: LatticePixels
  private let found: ChromaDetection.Result?
  private var lattice: ColorLattice
  private var coordinates: [[Int16]]
  /// Of the sampling, where there is one.
  private var cells: [[Int32]] = []

  /// Nil unless three planes of 8-bit samples lie on a lattice.
  static func find(_ planes: [[UInt16]], width: Int, height: Int) -> LatticeStart? {
    guard width * height >= 1024 else { return nil }
    guard seemsLikely(planes, width: width, height: height) else { return nil }
    guard let fit = LatticeDetection.lattice(of: ColorPresence(planes)) else { return nil }
    guard fit.matrix.rows.allSatisfy({ $0.x > 0.1 }), fit.lattice.isValid else { return nil }
    if Task.isCancelled { return nil }
    return LatticeStart(LatticePixels(fit, planes, width: width, height: height))
  }

  /// Fewer pixels are looked at as a whole at once.
  private static let largeCount = 1 << 20
  /// Of a large image one row in so many is looked at first.
  private static let rowStep = 8
  /// So many colours show a lattice as well as all do.
  private static let tellingCount = 20_000

  /// Whether a look at all pixels is worth its time: some rows of most photographs show that there
  /// is no lattice.
  private static func seemsLikely(_ planes: [[UInt16]], width: Int, height: Int) -> Bool {
    guard width * height >= largeCount else { return true }
    let presence = ColorPresence(planes, width: width, rowStep: rowStep)
    return presence.count < tellingCount || LatticeDetection.lattice(of: presence) != nil
  }

  private init(_ pixels: LatticePixels) {
    self.pixels = pixels
    let (width, height) = (pixels.width, pixels.height)
    coordinates = pixels.coordinates
    lattice = pixels.lattice
    found = ChromaDetection.find(
      [coordinates[1], coordinates[2]], reliable: pixels.isSure, width: width, height: height,
      // JFIF's planes are those that a decoder enlarges.
      signs: pixels.lattice == .jfif ? [1] : [1, -1])
    for (index, sign) in (found?.signs ?? []).enumerated() where sign < 0 {
      coordinates[index + 1] = coordinates[index + 1].map { -$0 }
      for channel in 0..<3 { lattice.matrix[channel][index + 1] *= -1 }
    }
    if let found {
      let solver = ChromaSolver(found.sampling, width: width, height: height)
      cells = (1...2).map { solver.cells(of: coordinates[$0], reliable: pixels.isSure) }
    }
  }

  /// The planes as JFIF counts them, where the lattice is JFIF's; the samples are those found in.
  func jfif(_ samples: [[UInt16]], _ work: RecoveryWork) -> JFIFPlanes? {
    guard isJFIF else { return nil }
    let cells = refined(samples, work)
    let chroma = Array(coordinates[1...])
    return JFIFPlanes(
      width: pixels.width, height: pixels.height, sampling: found?.sampling, luma: coordinates[0],
      chroma: chroma,
      cells: found == nil ? chroma : cells.map { $0.map { Int16(clamping: $0) } },
      isSure: pixels.isSure, otherSamplings: found?.others ?? [])
  }

  /// The cells as clamped pixels would have them.
  private func refined(_ samples: [[UInt16]], _ work: RecoveryWork) -> [[Int32]] {
    guard let found else { return [] }
    var refinement = CellRefinement(
      lattice: lattice,
      solver: ChromaSolver(found.sampling, width: pixels.width, height: pixels.height),
      coordinates: coordinates, isSure: pixels.isSure, samples: samples, cells: cells,
      work: work)
    refinement.refine()
    return refinement.cells
  }

  /// Whether the lattice is JFIF's.
  var isJFIF: Bool { pixels.lattice == .jfif }

  /// Such as "JFIF's YCbCr, 4:2:0 triangle".
  var name: String {
    let sampling = found.map { "\($0.sampling.ratio) \($0.sampling.filter)" } ?? "4:4:4"
    return (isJFIF ? "JFIF's YCbCr" : "a lattice of colours") + ", " + sampling
  }

  /// The source with all pixels settled, `known` as ``jfif(_:_:)`` gave it; nil where it cannot be
  /// written.
  func recovered(
    _ samples: [[UInt16]], _ known: JFIFPlanes?, _ work: RecoveryWork
  ) -> LatticeRecovery? {
    let (width, height) = (pixels.width, pixels.height)
    let cells =
      found == nil ? [] : known?.cells.map { $0.map { Int32($0) } } ?? refined(samples, work)
    let made = found.map { found in
      cells.map(ChromaSolver(found.sampling, width: width, height: height).upsampled)
    }
    if Task.isCancelled { return nil }
    var resolver = PixelResolver(
      lattice: lattice, width: width, height: height, coordinates: coordinates,
      isSure: pixels.isSure)
    resolver.resolve(samples, made: made)
    return LatticeRecovery(
      lattice, resolver.coordinates, found?.sampling, cells, made, width: width, height: height)
  }
}

/// The planes that an image's pixels came from: the encoder's alone.
struct LatticeRecovery {
  let source: ColorSource
  let planes: SourcePlanes
  /// Chroma of every pixel: what the sampling makes of the cells, and what is right.
  let madeChroma: [[UInt16]]
  let chroma: [[UInt16]]

  /// `made`: the chroma of every pixel that the sampling makes of `cells`.
  fileprivate init?(
    _ lattice: ColorLattice, _ coordinates: [[Int16]], _ sampling: ChromaSampling?,
    _ cells: [[Int32]], _ made: [[Int16]]?, width: Int, height: Int
  ) {
    // Count from the least value on.
    var low = SIMD3(repeating: Int.max)
    var high = SIMD3(repeating: Int.min)
    for index in 0..<3 {
      for value in coordinates[index] {
        low[index] = min(low[index], Int(value))
        high[index] = max(high[index], Int(value))
      }
      if index > 0, let made {
        for value in cells[index - 1] {
          low[index] = min(low[index], Int(value))
          high[index] = max(high[index], Int(value))
        }
        for value in made[index - 1] { low[index] = min(low[index], Int(value)) }
      }
    }
    let span = (high &- low).max() + 1
    let depth = max(1, Int.bitWidth - (span - 1).leadingZeroBitCount)
    guard ColorSource.depths.contains(depth) else { return nil }
    source = ColorSource(
      lattice: lattice.shifted(by: low), depth: depth, sampling: sampling)
    guard source.lattice.isValid else { return nil }
    let counted = { (values: [Int16], index: Int) in
      values.map { UInt16(truncatingIfNeeded: Int($0) - low[index]) }
    }
    chroma = (1...2).map { counted(coordinates[$0], $0) }
    madeChroma = made.map { made in (1...2).map { counted(made[$0 - 1], $0) } } ?? chroma
    planes = SourcePlanes(
      width: width, height: height, luma: counted(coordinates[0], 0),
      chroma: sampling == nil
        ? chroma
        : (1...2).map { index in
          cells[index - 1].map { UInt16(truncatingIfNeeded: Int($0) - low[index]) }
        })
  }
}
