package import DecoderCore

/// Which methods an encoder tries on a tile.
package enum MethodChoice {
  /// The fraction of repeated pixels below which a tile is taken for a photograph, and above which
  /// for a drawing: photographs had up to 0.68, drawings from 0.1 on.
  private static let photographFraction = 0.1
  private static let drawingFraction = 0.75
  /// Between them, this many rows are coded all ways: from three places in a picture that is
  /// high enough, or from the middle.
  private static let stripHeight = 24
  private static let sampleHeight = 16
  /// At the least effort, whose photographs would wait for trials: the fractions between which they
  /// are made (photographs had up to 0.28).
  private static let hastyFractions = 0.3...0.75
  /// What mixed decisions, which cost next to nothing where a plane is flat, must take of symbols'
  /// bits to take their place: cut-out icons and shaded drawings.
  private static let mixedFraction = 0.8
  /// What sample by sample must take of the wavefront's bits to take its place: in scans of text.
  private static let planarFraction = 0.985
  /// Coding bit by bit takes ten times as long as a photograph, so that profiles of middle efforts
  /// do it only above this fraction, or where there is at most one colour for this many pixels.
  private static let slowFraction = 0.4
  private static let pixelsPerColor = 64
  /// So few colours make a drawing whose pixels never repeat their neighbours, such as a
  /// checkerboard.
  private static let fewColors = 16

  /// Bits per 8-bit sample below which planes are no photograph's, and the fraction of their bits
  /// as they are above which they are noise.
  private static let plainRate = 0.6
  private static let noiseFraction = 0.8
  /// The same where photographs would wait for trials.
  private static let clearNoiseFraction = 0.95
  /// Pixels of a tile on which trials take no time that matters.
  private static let smallCount = 4096
  /// Pixels of a tile of two values from which on its own coder has no rival.
  private static let bilevelCount = 1 << 15
  /// How much worse a method may have been to be tried again with a lower profile.
  private static let nearness = 1.03

  /// Pixels of a tile below which the wavefront takes more bytes.
  private static let wavefrontCount = 1 << 14
  /// Pixels below which the plane coder's learned start, which a preview's mean is needed for, may
  /// still count for more: on 22 of 36 photographs of 0.15 megapixels.
  private static let learnedStartCount = 1 << 18
  /// How far a few rows may mislead, as a fraction of their bits, where both ways may be tried.
  private static let stripMargin = 0.02

  /// What is worth trying on all of `samples`.
  package static func attempts(
    _ samples: TileSamples, profile: ResidualProfile, prediction: TilePrediction?,
    kernels: ResidualKernels
  ) -> [ResidualAttempt] {
    func by(_ methods: [ResidualMethod]) -> [ResidualAttempt] {
      methods.map { ResidualAttempt(method: $0, profile: profile) }
    }
    if let plane = bilevelPlane(samples) {
      let method: ResidualMethod =
        DitherPeriod(of: plane, width: samples.width, height: samples.height) == nil
        ? .bilevel : .dither
      // Of few pixels, what knows drawings from the start may need less.
      let isSmall = samples.width * samples.height < bilevelCount
      return by(isSmall ? [method, .candidates] : [method])
    }
    var photograph = photographMethod(samples)
    let fraction = repeatedFraction(samples)
    // Some rows say nothing of what repeats rows further away.
    let repeats =
      fraction <= drawingFraction
      ? DistantRepeats(samples.planes, width: samples.width, height: samples.height) : nil
    let hasDistantRepeats = repeats?.isWorthTrying == true
    guard
      fraction >= photographFraction || hasDistantRepeats || hasFewColors(samples)
        || isPattern(samples)
    else { return by([photograph]) }
    let drawing = drawingMethods(
      samples, profile, fraction, repeats: repeats?.isMost == true)
    if fraction < photographFraction || hasDistantRepeats { return by([photograph] + drawing) }
    if fraction > drawingFraction { return by(drawing) }
    if profile.hasSingleExpert, !hastyFractions.contains(fraction) {
      return by(fraction > hastyFractions.upperBound ? drawing : [photograph])
    }
    guard samples.height > 4 * stripHeight else { return by([photograph, .candidates]) }
    let (strip, stripPrediction) = sample(samples, prediction)
    func bits(_ method: ResidualMethod, _ profile: ResidualProfile) -> Double {
      ResidualCoder.encode(
        wholly: strip, by: method, profile, prediction: stripPrediction, kernels: kernels
      ).bits
    }
    let photographed = bits(photograph, profile)
    if samples.planes.count == 1, photograph == .wavefront, profile.contextCount > 0,
      bits(.planar, profile) < planarFraction * photographed
    {
      photograph = .planar
    }
    guard profile.contextCount == 0 else {
      var drawn = bits(.candidates, .level3)
      // Bit by bit, few colours may take half of what rows coded as candidates let expect. One plane
      // never has many, and its rows are coded that way too.
      if drawing.contains(.bitwise), pixelsPerColor * colorCount(samples) < samples.planes[0].count
      {
        // Some rows may have no list of values as short as the whole plane's.
        guard samples.planes.count == 1, isNarrow(strip) else { return by([photograph] + drawing) }
        drawn = min(drawn, bits(.bitwise, .level3))
      }
      return likely(photograph: photographed, drawing: drawn, profile.methodMargin)
        .flatMap { $0 ? by(drawing) : by([photograph]) }
    }
    let candidates = bits(.candidates, .level1)
    let mixed = profile.with(.mixed1)
    if !profile.wavefront.isMixed, hastyFractions.contains(fraction),
      bits(photograph, mixed) < mixedFraction * min(photographed, candidates)
    {
      return [ResidualAttempt(method: photograph, profile: mixed)]
    }
    if profile.hasSingleExpert {
      return by(candidates < photographed ? drawing : [photograph])
    }
    return likely(photograph: photographed, drawing: candidates, profile.methodMargin)
      .flatMap { $0 ? by(drawing) : by([photograph]) }
  }

  /// Whether to try what is for drawings: either or both, by what some rows took each way.
  private static func likely(
    photograph: Double, drawing: Double, _ margin: Double
  ) -> [Bool] {
    let margin = margin > 1 ? margin + stripMargin : margin
    if drawing > margin * photograph { return [false] }
    return photograph > margin * drawing ? [true] : [false, true]
  }

  /// How a photograph is coded: by wavefront, unless a small tile lets a learned start count for
  /// more.
  private static func photographMethod(_ samples: TileSamples) -> ResidualMethod {
    samples.width * samples.height < wavefrontCount ? .planar : .wavefront
  }

  /// Whether colours of some rows from the middle follow from those around, although they seldom
  /// equal them: a small texture again and again.
  private static func isPattern(_ samples: TileSamples) -> Bool {
    let (width, height) = (samples.width, samples.height)
    guard width > 2, height > stripHeight else { return false }
    let first = (height - stripHeight) / 2 + 1
    var places: [Int] = []
    for y in first..<first + stripHeight - 1 { places += y * width + 1..<(y + 1) * width - 1 }
    return ColorRepetition(samples.planes, width: width, places: places).isPattern
  }

  /// Some rows: from three places, as parts of a picture differ, or from the middle of a low one.
  private static func sample(
    _ samples: TileSamples, _ prediction: TilePrediction?
  ) -> (samples: TileSamples, prediction: TilePrediction?) {
    let starts =
      samples.height > 8 * stripHeight
      ? [1, 3, 5].map { ($0 * samples.height / 6) - sampleHeight / 2 }
      : [(samples.height - stripHeight) / 2]
    let height = starts.count > 1 ? sampleHeight : stripHeight
    func rows<Value>(_ plane: [Value]) -> [Value] {
      starts.flatMap { plane[$0 * samples.width..<($0 + height) * samples.width] }
    }
    var strip = samples
    strip.height = starts.count * height
    strip.planes = samples.planes.map { rows($0) }
    return (
      strip,
      prediction.map { whole in
        TilePrediction(
          means: whole.means.map { rows($0) }, scales: whole.scales.map { rows($0) })
      }
    )
  }

  /// What was not tried, where it may take fewer bytes: profiles of lower efforts, colours that
  /// repeat from afar, and last the samples as they are.
  ///
  /// On photographs a higher profile is smaller, and only the highest looks further. Elsewhere a
  /// profile may have more to learn than a tile teaches.
  static func fallbacks(
    after trials: [ResidualTrial], _ samples: TileSamples, profile: ResidualProfile,
    hasPrediction: Bool, best: ResidualTrial
  ) -> [ResidualAttempt] {
    let pixelCount = samples.planes[0].count
    let bits = 8 * Double(best.stream.bytes.count)
    let storedFraction = storedFraction(of: samples, bits)
    let unit = Double(max(samples.depth, 8)) / 8
    let isPlain = bits < plainRate * unit * unit * Double(pixelCount * samples.planes.count)
    let isCutOut = samples.hasAlpha && ValueMap(of: samples.planes.last!).count > 1
    let isSmall = pixelCount < smallCount
    let isNoise = storedFraction > (profile.isPatient ? noiseFraction : clearNoiseFraction)
    let mayRepeat = isSmall || isPlain || isNoise
    var result: [ResidualAttempt] = []
    let isPhotograph = !mayRepeat && !isCutOut
    if !isPhotograph || profile == .level6 {
      var methods = trials.filter {
        isSmall || 8 * Double($0.stream.bytes.count) <= nearness * bits
      }.map(\.attempt.method)
      if mayRepeat, trials.allSatisfy({ $0.attempt.method.isForPhotographs }) {
        result.append(ResidualAttempt(method: .candidates, profile: profile))
        methods.append(.candidates)
      }
      if isPhotograph {
        // Samples of more than 8 bits are many values to learn from few pixels.
        let lower = samples.depth > 8 ? profile.lower.prefix(1) : []
        let triesPlanar =
          samples.depth > 8 || (hasPrediction && pixelCount < learnedStartCount)
        let planar = triesPlanar ? [profile] + lower : []
        return
          ([ResidualAttempt(method: .wavefront, profile: profile)]
          + planar.map { ResidualAttempt(method: .planar, profile: $0) })
          .filter { attempt in !trials.contains { $0.attempt == attempt } }
      }
      result += profile.lower.flatMap { lower in
        methods.filter {
          $0 != .wavefront && !$0.isForOneBit && ($0 != .bitwise || lower.triesBitwise)
        }
        .map { ResidualAttempt(method: $0, profile: lower) }
      }
    }
    // Where hardly anything is left to chance, sample by sample learns more.
    if isPlain || (samples.depth > 8 && profile.contextCount > 0),
      trials.contains(where: { $0.attempt.method == .wavefront })
    {
      result.append(ResidualAttempt(method: .planar, profile: profile))
    }
    if storedFraction > 0.98 { result.append(ResidualAttempt(method: .stored, profile: profile)) }
    return result
  }

  /// What part `bits` are of what samples take as they are; at most ``noiseFraction`` where no more
  /// is to be known.
  private static func storedFraction(of samples: TileSamples, _ bits: Double) -> Double {
    let pixelCount = samples.planes[0].count
    func fraction(_ bitsPerPixel: Int) -> Double {
      bits / Double(max(bitsPerPixel * pixelCount, 1))
    }
    // So many values occur in some rows, so that no map of the plane has fewer ranks.
    let least = samples.planes.reduce(0) { sum, plane in
      let rows = (samples.height / 2 * samples.width..<plane.count).prefix(1 << 14)
      let count = UsedValues(of: Array(plane[rows])).values.count
      return sum + Int.bitWidth - max(count - 1, 0).leadingZeroBitCount
    }
    if fraction(least) <= noiseFraction { return fraction(least) }
    return fraction(samples.planes.reduce(0) { $0 + ValueMap(of: $1).bitCount })
  }

  /// How drawings are coded: bit by bit as well where no plane needs more than eight of them.
  private static func drawingMethods(
    _ samples: TileSamples, _ profile: ResidualProfile, _ fraction: Double, repeats: Bool
  ) -> [ResidualMethod] {
    let isAffordable =
      repeats || fraction > slowFraction
      || pixelsPerColor * colorCount(samples) < samples.planes[0].count
    guard profile.triesBitwise, isAffordable || profile.isPatient else { return [.candidates] }
    return isNarrow(samples) ? [.candidates, .bitwise] : [.candidates]
  }

  /// Whether no plane takes more bits than are coded one by one.
  private static func isNarrow(_ samples: TileSamples) -> Bool {
    samples.planes.allSatisfy {
      ValueMap(of: $0).bitCount <= BitwiseValueCoder.maximumBitCount
    }
  }

  /// The one plane that is not constant, where it has two values.
  private static func bilevelPlane(_ samples: TileSamples) -> [UInt16]? {
    let counts = samples.planes.map { plane -> Int in
      var (count, other) = (1, plane[0])
      for sample in plane where sample != plane[0] && sample != other {
        count += 1
        if count > 2 { break }
        other = sample
      }
      return count
    }
    guard counts.max() == 2, counts.count(where: { $0 == 2 }) == 1 else { return nil }
    return zip(samples.planes, counts).first { $1 == 2 }?.0
  }

  private static func hasFewColors(_ samples: TileSamples) -> Bool {
    PlanePointers.with(samples.planes) { pixels in
      var colors: [UInt64] = []
      var last: UInt64?
      for place in samples.planes[0].indices {
        let color = pixels.color(place)
        guard color != last else { continue }
        last = color
        guard !colors.contains(color) else { continue }
        colors.append(color)
        if colors.count > fewColors { return false }
      }
      return true
    }
  }

  /// The number of colours, or a little less: of their hashes of 18 bits.
  private static func colorCount(_ samples: TileSamples) -> Int {
    var isUsed = [Bool](repeating: false, count: 1 << 18)
    PlanePointers.with(samples.planes) { pixels in
      isUsed.withUnsafeMutableBufferPointer { isUsed in
        for place in samples.planes[0].indices {
          isUsed[Int((pixels.color(place) &* 0x9E37_79B9_7F4A_7C15) >> 46)] = true
        }
      }
    }
    return isUsed.count { $0 }
  }

  /// Whether an image is divided as drawings are: where it is one, and where a tile of the size of a
  /// photograph's would not see what it repeats.
  package static func prefersLargeTiles(_ image: Image) -> Bool {
    if isDrawing(image) { return true }
    return Tiling(width: image.width, height: image.height).tileCount > 1
      && DistantRepeats(image.planes, width: image.width, height: image.height).isWorthTrying
  }

  /// The image of few colours as indices of a palette, where that may be smaller: a drawing's
  /// colours repeat whichever way they are said.
  static func paletteForm(
    of image: Image, _ widening: Widening
  ) -> (widening: Widening, image: Image)? {
    guard image.colorType == .rgb || image.colorType == .rgba, !isDrawing(image) else { return nil }
    return widening.withPalette(image)
  }

  /// Whether an image is coded as a drawing, judged by some of its rows.
  package static func isDrawing(_ image: Image) -> Bool {
    if image.colorType == .palette || image.depth == 1 { return true }
    // Pairs of rows, because a pixel may repeat the one above it.
    let pairs = stride(from: 0, to: image.height - 1, by: max(2, image.height / 64))
    guard pairs.underestimatedCount > 0 else { return false }
    let (rowCount, repeatCount) = PlanePointers.with(image.planes) { pixels in
      pairs.reduce((0, 0)) { sum, pair in
        let row = (pair + 1) * image.width
        return (
          sum.0 + 1,
          sum.1 + pixels.repeatCount(row: row, width: image.width, hasRowAbove: true)
        )
      }
    }
    return Double(repeatCount) > drawingFraction * Double(rowCount * image.width)
  }

  /// The fraction of pixels that equal their left or upper neighbour in every plane.
  private static func repeatedFraction(_ samples: TileSamples) -> Double {
    let (width, height) = (samples.width, samples.height)
    let count = PlanePointers.with(samples.planes) { pixels in
      (0..<height).reduce(0) {
        $0 + pixels.repeatCount(row: $1 * width, width: width, hasRowAbove: $1 > 0)
      }
    }
    return Double(count) / Double(max(width * height, 1))
  }
}
