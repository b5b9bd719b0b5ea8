internal import DecoderCore
internal import Entropy

/// The streams of an image that was decoded from a JPEG file.
extension CoefficientStreams {
  /// One stream for each band; then, where there are colours, what they do not give.
  static func encode(
    _ recovery: CoefficientRecovery, _ source: CoefficientSource, _ known: JFIFPlanes?,
    _ image: Image, jobs: Int
  ) async throws(CodecError) -> [CodedStream] {
    let streams = try await mapTiles(Array(0..<source.bandCount), jobs: jobs) { band in
      encode(recovery.band(band, of: source), source, band: band)
    }
    guard let known else { return streams }
    return streams + [corrections(recovery, source, known, image)]
  }

  static func encode(
    _ levels: LevelBand, _ source: CoefficientSource, band: Int
  ) -> CodedStream {
    var binary = BinaryEncoder(
      room: LevelBandCoder.room, isAbandoned: Cancellation.isRequested)
    var coder = LevelBandCoder(source, band: band, kernels: KernelISA.current.residualKernels)
    do { _ = try coder.code(levels, with: &binary) } catch {
      precondition(binary.isExhausted, "encoding cannot fail: \(error)")
    }
    let bits = binary.ledger.bits
    return CodedStream(bytes: binary.finish(), bits: bits)
  }

  /// What colours differ by from those of the planes; empty where they do not.
  private static func corrections(
    _ recovery: CoefficientRecovery, _ source: CoefficientSource, _ known: JFIFPlanes,
    _ image: Image
  ) -> CodedStream {
    let (width, height) = (image.width, image.height)
    let luma = recovery.samples[0]
    let made = recovery.chroma
    var chroma = made
    var samples = image.planes
    var isExact = true
    let lattice = source.lattice.lattice
    let hasSampling = source.sampling != nil
    let (red, green, blue) = (samples[0], samples[1], samples[2])
    let (first, second) = (made[0], made[1])
    for place in luma.indices {
      let k = SIMD3(Int(luma[place]), Int(first[place]), Int(second[place]))
      let color = SIMD3(Int(red[place]), Int(green[place]), Int(blue[place]))
      guard lattice.distance(k, color) > 0 else { continue }
      isExact = false
      guard hasSampling, known.isSure[place] else { continue }
      for plane in 0..<2 {
        chroma[plane][place] = UInt16(min(max(known.chroma[plane][place], 0), 255))
      }
    }
    guard !isExact else { return CodedStream(bytes: [], bits: 0) }
    var coder = BinaryEncoder(isAbandoned: Cancellation.isRequested)
    var corrections = SourceCorrections(source.lattice)
    do {
      try corrections.code(
        width: width, height: height, luma: luma, made: made, chroma: &chroma,
        samples: &samples, with: &coder)
    } catch { precondition(coder.isExhausted, "encoding cannot fail: \(error)") }
    let bits = coder.ledger.bits
    return CodedStream(bytes: coder.finish(), bits: bits)
  }
}

extension CoefficientRecovery {
  /// What is coded of a band.
  func band(_ band: Int, of source: CoefficientSource) -> LevelBand {
    var result = LevelBand(levels: [], differences: [])
    for (index, plane) in planes.enumerated() {
      let grid = plane.grid
      let rows = source.rows(of: index, in: band)
      let blocks = rows.lowerBound * grid.columns..<rows.upperBound * grid.columns
      result.levels.append(
        Array(plane.levels[blocks.lowerBound * 64..<blocks.upperBound * 64]))
      var differences: [Int: [Int16]] = [:]
      for block in blocks where !isSolved[index][block] {
        differences[block - blocks.lowerBound] = self.differences(index, block)
      }
      result.differences.append(differences)
    }
    return result
  }

  /// By how much the samples of a block are more than its levels give; nil where they are not.
  private func differences(_ index: Int, _ block: Int) -> [Int16]? {
    let grid = planes[index].grid
    let (y, x) = (block / grid.columns, block % grid.columns)
    var result = [Int16](repeating: 0, count: 64)
    grid.forSamples(x, y) { place, inside in
      result[inside] =
        Int16(truncatingIfNeeded: samples[index][place])
        - Int16(truncatingIfNeeded: made[index][place])
    }
    return result.contains { $0 != 0 } ? result : nil
  }
}
