/// Clamps to `low ... high`; NaN becomes `low`.
@inline(__always)
private func clamp(_ value: Float, _ low: Float, _ high: Float) -> Float {
  value > low ? (value < high ? value : high) : low
}

extension PlaneCoder {
  private static let correctionRate: Float = 0.003
  /// The |error| that is noted for a sample coded by other means: small, but not exact.
  private static let skippedError: Float = 0.3

  /// The number of values of each context, in the order of `setContexts`.
  static func contextSizes(_ profile: ResidualProfile) -> [Int] {
    let sizes = [
      levels * 8, deltas * deltas * deltas, deltas * deltas * 8, deltas * deltas * deltas,
      helperLevels * levels, 2048, deltas * deltas * deltas, levels * 64,
    ]
    return Array(sizes.prefix(profile.contextCount))
  }

  /// Codes row `y` of ranks; rows come in ascending order.
  mutating func codeRow<Coder: BinaryCoder & ~Copyable>(
    _ y: Int, _ ranks: UnsafeMutablePointer<UInt16>, with coder: inout Coder
  ) {
    beginRow(y)
    for x in 0..<setting.samples.width {
      ranks[x] = UInt16(truncatingIfNeeded: code(Int(ranks[x]), at: x, with: &coder))
    }
    endRow()
  }

  /// Codes the sample at column `x` of the current row; columns come in ascending order.
  @inline(__always)
  mutating func code<Coder: BinaryCoder & ~Copyable>(
    _ value: Int, at x: Int, with coder: inout Coder
  ) -> Int {
    let high = Float(setting.high)
    let reference = predict(x)
    let mean = lanes.base
    let here = row.lanes + 8 &* x
    let blend = kernels.call.blend(
      mean, share.base, here, row.lanesAbove + 8 &* x, row.lanesAbove2 + 8 &* x, 0, high)

    let west = row.current[x &- 1]
    let north = row.above[x]
    let northEast = row.above[x &+ 1]
    let errorWest = row.error[x &- 1]
    let errorNorth = row.errorAbove[x]
    let errorNorthEast = row.errorAbove[x &+ 1]
    put(
      differences, west - blend, north - blend, northEast - blend, errorWest, errorNorth,
      errorNorthEast, 0, 0)
    kernels.call.quantize(differences.base, 1 / setting.unit, classes.base)
    let localContext = triple(0)
    let errorContext = triple(3)
    let bias = 0.5 * (localBias.mean(localContext) + errorBias.mean(errorContext))
    put(
      history, errorWest, errorNorth, row.errorAbove[x &- 1], errorNorthEast, row.error[x &- 2],
      row.errorAbove2[x], west - blend, north - blend)
    let estimate = clamp(blend + bias, 0, high)
    let corrected = clamp(blend + bias + correctionSum(), 0, high)
    lanes.base.pointee.mean.6 = estimate
    lanes.base.pointee.mean.7 = corrected

    let helperLevel = helperLevel(x)
    let predictionLevel = setting.prediction?.level(x, row.y) ?? helperLevel
    let level = kernels.call.choose_scales(
      lanes.base, scales.base, Int32(Self.levels), Int32(Self.helperLevels), helperLevel,
      predictionLevel, Lane.prediction, Lane.main)
    let scale = max(lanes.base.pointee.scale.6, 0.05)
    let rounded = Int(estimate + 1)
    setContexts(
      x, estimate: estimate, rounded: rounded, scale: scale, level: level,
      helperLevel: helperLevel)
    let result = sampleCoder.code(
      value, estimate: rounded, scale: scale,
      weightSets: (Int(level), Int(helperLevel) &* Self.deltas &+ Int(classes[3])),
      lanes: lanes.base,
      with: &coder)

    let sample = Float(result)
    row.current[x] = sample
    leastSquares.add(
      x, features: features.base, target: sample - reference,
      importance: 1 / (scale * scale + 1))
    adaptGradients(sample)
    kernels.call.settle(lanes.base, sample, here, scales.base, scaleCounts.base)
    row.error[x] = sample - estimate
    localBias.learn(sample - blend, localContext)
    errorBias.learn(sample - blend, errorContext)
    kernels.call.adapt(
      correction.base, history.base, 1, sample - corrected, Self.correctionRate,
      8 * setting.unit * setting.unit)
    return result
  }

  /// Notes a sample that was coded by other means.
  @inline(__always)
  mutating func skip(_ value: Int, at x: Int) {
    row.current[x] = Float(value)
    row.error[x] = 0
    (row.lanes + 8 &* x).update(repeating: Self.skippedError, count: 8)
  }

  /// Writes the experts' means to their lanes; returns what the features are relative to.
  @inline(__always)
  private mutating func predict(_ x: Int) -> Float {
    leastSquares.prepare(x)
    let windows = setting.profile.windows.count
    let experts = windows &+ setting.profile.rates.count
    for window in 0..<windows {
      expertWeights[window] = UnsafePointer(leastSquares.weights(window: window, at: x))
    }
    let reference = kernels.call.gather(
      runs.base, setting.neighborhood.runCount, x, order, features.base)
    let means = UnsafeMutableRawPointer(lanes.base).assumingMemoryBound(to: Float.self)
    kernels.call.predict(features.base, vectors, expertWeights.base, experts, reference, means)
    for lane in experts..<max(experts, Lane.experts) { means[lane] = means[0] }
    means[Lane.west] = row.current[x &- 1]
    means[Lane.north] = row.above[x]
    if let guide = row.guide {
      means[Lane.prediction] = means[Lane.west]
      means[Lane.west] += guide[x] - guide[x &- 1]
      means[Lane.north] += guide[x] - guide[x &- setting.samples.stride]
    } else {
      means[Lane.prediction] = row.above[x &+ 1]
    }
    if let prediction = setting.prediction { means[Lane.prediction] = prediction.mean(x, row.y) }
    return reference
  }

  @inline(__always)
  private func adaptGradients(_ sample: Float) {
    let means = UnsafeMutableRawPointer(lanes.base).assumingMemoryBound(to: Float.self)
    let first = setting.profile.windows.count
    let floor = 2 * Float(order) * setting.unit * setting.unit
    for (index, rate) in setting.profile.rates.enumerated() {
      kernels.call.adapt(
        gradients.base + index &* 8 &* vectors, features.base, vectors,
        sample - means[first &+ index], rate, floor)
    }
  }

  /// The earlier planes' mean |error| around column `x`, as a level.
  @inline(__always)
  private func helperLevel(_ x: Int) -> Int32 {
    guard helperRows.count > 0 else { return 0 }
    let stride = errors.stride
    var sum: Float = 0
    for index in 0..<helperRows.count {
      let e = helperRows[index] + x
      sum += 2 * abs(e[0]) + abs(e[-1]) + abs(e[-stride])
      if !setting.isInterleaved { sum += abs(e[1]) + abs(e[stride]) }
    }
    let weight: Float = (setting.isInterleaved ? 4 : 6) * Float(helperRows.count)
    return kernels.call.level(sum / weight, Int32(Self.levels)) &>> 1
  }

  /// What the errors around say about this one.
  @inline(__always)
  private func correctionSum() -> Float {
    var sum: Float = 0
    var weights = UnsafePointer(correction.base)
    kernels.call.predict(history.base, 1, &weights, 1, 0, &sum)
    return sum
  }

  @inline(__always)
  private func setContexts(
    _ x: Int, estimate: Float, rounded: Int, scale: Float, level: Int32, helperLevel: Int32
  ) {
    let fraction = min(max(Int32((estimate + 1 - Float(rounded)) * 8), 0), 7)
    let factor = 1 / (0.4 * scale + 0.4)
    let mean = lanes.base.pointee.mean
    put(
      differences, row.current[x &- 1] - estimate, row.above[x] - estimate,
      row.above[x &+ 1] - estimate, row.error[x &- 1], row.errorAbove[x], mean.0 - estimate,
      mean.1 - estimate, mean.2 - estimate)
    kernels.call.quantize(differences.base, factor, classes.base)
    sampleCoder.setContext(0, Int(level &* 8 &+ fraction))
    sampleCoder.setContext(1, triple(0))
    sampleCoder.setContext(
      2, Int((classes[3] &* Int32(Self.deltas) &+ classes[4]) &* 8 &+ fraction))
    let experts = triple(5)
    put(
      differences, row.above[x &- 1] - estimate, row.current[x &- 2] - estimate,
      row.above2[x] - estimate, mean.0 - mean.1, 0, 0, 0, 0)
    kernels.call.quantize(differences.base, factor, classes.base)
    sampleCoder.setContext(3, triple(0))
    guard setting.profile.contextCount > 4 else { return }
    let spread = min(abs(row.current[x &- 1] - row.above[x]) * factor, 7)
    let local = lanes.base.pointee.local_error
    let ratio = min(local.0 / (local.4 + 0.1) * 4, 7)
    sampleCoder.setContext(4, Int(helperLevel) &* Self.levels &+ Int(level))
    sampleCoder.setContext(5, rounded &* 2048 / (max(setting.high, 2047) &+ 2))
    sampleCoder.setContext(6, experts)
    sampleCoder.setContext(7, Int(level) &* 64 &+ Int(ratio) &* 8 &+ Int(spread))
  }

  /// Three quantised differences as one number.
  @inline(__always)
  private func triple(_ first: Int) -> Int {
    (Int(classes[first]) &* Self.deltas &+ Int(classes[first &+ 1])) &* Self.deltas
      &+ Int(classes[first &+ 2])
  }

  @inline(__always)
  private func put(
    _ buffer: borrowing Buffer<Float>, _ a: Float, _ b: Float, _ c: Float, _ d: Float, _ e: Float,
    _ f: Float, _ g: Float, _ h: Float
  ) {
    UnsafeMutableRawPointer(buffer.base).storeBytes(
      of: SIMD8(a, b, c, d, e, f, g, h), as: SIMD8<Float>.self)
  }
}
