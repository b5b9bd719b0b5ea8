internal import DecoderCore

/// What levels of chroma mean for luma, and which of them pay.
extension CoefficientRecovery {
  /// Roughly what a wrong pixel, a block's differences and each of these take.
  private static let pixelBits = 10
  private static let blockBits = 20
  private static let differenceBits = 7

  /// The lumas that, with the chroma that was made, give each pixel's colour.
  static func bound(
    _ luma: inout BoundedPlane, by made: [[UInt16]], _ known: JFIFPlanes,
    _ colors: [[UInt16]]
  ) {
    let lattice = ColorLattice.jfif
    for place in luma.values.indices {
      let k = SIMD3(0, Int(made[0][place]), Int(made[1][place]))
      let color = SIMD3(
        Int(colors[0][place]), Int(colors[1][place]), Int(colors[2][place]))
      if let range = lattice.lumas(k, giving: color), range.overlaps(0...255) {
        luma.least[place] = Int16(clamping: max(range.lowerBound, -1))
        luma.most[place] = Int16(clamping: min(range.upperBound, 256))
        let value = Int(luma.values[place])
        luma.values[place] = Int16(
          min(max(value, max(range.lowerBound, 0)), min(range.upperBound, 255)))
      } else if !known.isSure[place] {
        luma.setFree(place)
      } else {
        luma.least[place] = luma.values[place]
        luma.most[place] = luma.values[place]
      }
    }
  }

  /// Blocks of smaller chroma are solved unless cells of their own pay: by the number of pixels
  /// that levels leave wrong.
  static func judge(
    _ found: inout [PlaneRecovery], _ cells: [BoundedPlane], _ known: JFIFPlanes
  ) {
    guard let sampling = known.sampling, !known.scalesChroma else { return }
    let grid = found[0].plane.grid
    let (width, height) = (known.width, known.height)
    let samples = found.map { $0.plane.samples() }
    let made = samples.map { sampling.upsampled($0, width: width, height: height) }
    let columns = sampling.columns(width: width)
    let rows = sampling.rows(height: height)
    var wrong = [[Int]](repeating: [Int](repeating: 0, count: grid.blockCount), count: 2)
    for y in 0..<height {
      let row = (rows.taps[y].near + grid.rowPhase) >> 3
      for x in 0..<width {
        let place = y * width + x
        guard known.isSure[place] else { continue }
        let block = row * grid.columns + (columns.taps[x].near + grid.columnPhase) >> 3
        for plane in 0..<2 where Int16(made[plane][place]) != known.chroma[plane][place] {
          wrong[plane][block] += 1
        }
      }
    }
    for plane in 0..<2 {
      found[plane].setSolved()
      for y in 0..<grid.rows {
        for x in 0..<grid.columns {
          let count = wrong[plane][y * grid.columns + x]
          guard count > 0 else { continue }
          var (differences, first) = (0, 0)
          grid.forSamples(x, y) { place, _ in
            let value = Int16(samples[plane][place])
            if value < cells[plane].least[place] || value > cells[plane].most[place] {
              differences += 1
              first = place
            }
          }
          if differences > 0 && pixelBits * count > blockBits + differenceBits * differences {
            found[plane].reopen([first])
          }
        }
      }
    }
  }
}
