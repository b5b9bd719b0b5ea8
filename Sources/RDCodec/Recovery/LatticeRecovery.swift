internal import DecoderCore

/// Recovers the planes that an image's pixels came from: the encoder's alone.
struct LatticeRecovery {
  let source: ColorSource
  let planes: SourcePlanes
  /// Chroma of every pixel: what the sampling makes of the cells, and what is right.
  let madeChroma: [[UInt16]]
  let chroma: [[UInt16]]
  /// The planes as JFIF counts them, where the lattice is JFIF's.
  let jfif: JFIFPlanes?

  /// Nil unless three planes of 8-bit samples lie on a lattice.
  static func recover(_ planes: [[UInt16]], width: Int, height: Int) -> LatticeRecovery? {
    guard width * height >= 1024 else { return nil }
    guard seemsLikely(planes, width: width, height: height) else { return nil }
    guard let fit = LatticeDetection.lattice(of: ColorPresence(planes)) else { return nil }
    guard fit.matrix.rows.allSatisfy({ $0.x > 0.1 }), fit.lattice.isValid else { return nil }
    if Task.isCancelled { return nil }
    let pixels = LatticePixels(fit, planes, width: width, height: height)
    return LatticeRecovery(pixels, planes)
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

  private init?(_ pixels: LatticePixels, _ samples: [[UInt16]]) {
    let (width, height) = (pixels.width, pixels.height)
    var coordinates = pixels.coordinates
    var lattice = pixels.lattice
    if Task.isCancelled { return nil }
    let found = ChromaDetection.find(
      [coordinates[1], coordinates[2]], reliable: pixels.isSure, width: width, height: height)
    for (index, sign) in (found?.signs ?? []).enumerated() where sign < 0 {
      coordinates[index + 1] = coordinates[index + 1].map { -$0 }
      for channel in 0..<3 { lattice.matrix[channel][index + 1] *= -1 }
    }
    var cells: [[Int32]] = []
    var made: [[Int16]]?
    if let found {
      let solver = ChromaSolver(found.sampling, width: width, height: height)
      cells = (1...2).map { solver.cells(of: coordinates[$0], reliable: pixels.isSure) }
      var refinement = CellRefinement(
        lattice: lattice, solver: solver, coordinates: coordinates, isSure: pixels.isSure,
        samples: samples, cells: cells)
      refinement.refine()
      cells = refinement.cells
      made = cells.map(solver.upsampled)
    }
    if Task.isCancelled { return nil }
    var resolver = PixelResolver(
      lattice: lattice, width: width, height: height, coordinates: coordinates,
      isSure: pixels.isSure)
    resolver.resolve(samples, made: made)
    coordinates = resolver.coordinates

    let isJFIF = pixels.lattice == .jfif && !(found?.signs.contains(-1) ?? false)
    jfif =
      isJFIF
      ? JFIFPlanes(
        width: width, height: height, sampling: found?.sampling, luma: coordinates[0],
        chroma: Array(coordinates[1...]),
        cells: found == nil
          ? Array(coordinates[1...]) : cells.map { $0.map { Int16(clamping: $0) } },
        isSure: pixels.isSure) : nil

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
      lattice: lattice.shifted(by: low), depth: depth, sampling: found?.sampling)
    guard source.lattice.isValid else { return nil }
    let counted = { (values: [Int16], index: Int) in
      values.map { UInt16(truncatingIfNeeded: Int($0) - low[index]) }
    }
    chroma = (1...2).map { counted(coordinates[$0], $0) }
    madeChroma = made.map { made in (1...2).map { counted(made[$0 - 1], $0) } } ?? chroma
    planes = SourcePlanes(
      width: width, height: height, luma: counted(coordinates[0], 0),
      chroma: found == nil
        ? chroma
        : (1...2).map { index in
          cells[index - 1].map { UInt16(truncatingIfNeeded: Int($0) - low[index]) }
        })
  }
}
