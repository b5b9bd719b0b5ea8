internal import DecoderCore

/// D of the model for the eye: squared error, and what SSIMULACRA 2.1 sees of errors in linear opponent colours
/// (``VisualWeights``), after what it was trained by (training/distortion.py); and which way it falls. The encoder's alone.
///
/// All of it is in units of squared errors summed over samples, so that one weight serves either D.
/// Its second derivatives are those of ``SSIMSlopes``: in smooth areas errors cost up to fifty
/// times what they do in busy ones.
struct VisualDistortion: Sendable {
  /// D at some x̂.
  struct Local: Sendable {
    let value: Double
    /// −1/2 · ∂D/∂x̂ for every sample, divided by the curvature's bound at its latent, in
    /// sixteenths over ``errorUnit``.
    let errors: Tensor
    let curvature: Curvature
    /// For every position, about the largest curvature of D, in any direction, against that of the
    /// squared error.
    let curvatureBound: Gradient

    func curvatureBound(of tile: Tiling.Tile) -> [Float] {
      curvatureBound.cropped(rows: tile.latentRows, columns: tile.latentColumns).values
    }
  }

  /// The second derivative of D by each latent alone, against that of the squared error.
  struct Curvature: Sendable {
    /// Latents of a position.
    fileprivate let channels: Int
    fileprivate let squaredErrorWeight: Float
    /// [opponent colour][scale]: the part of similarity, for each latent or, at the coarsest, each square of
    /// four.
    fileprivate let planes: [[MetricPlane]]
    /// ``VisualDistortion/responses``.
    fileprivate let responses: [[Float]]

    /// One factor for every channel of a tile's latents.
    func callAsFunction(_ tile: Tiling.Tile) -> [Float] {
      var result = Gradient(
        height: tile.latentRows.count, width: tile.latentColumns.count,
        channels: channels)
      for i in result.values.indices { result.values[i] = squaredErrorWeight }
      for (color, scales) in planes.enumerated() {
        for (scale, plane) in scales.enumerated() {
          result.add(
            plane, of: tile, step: max((1 << scale) >> 3, 1),
            responses: responses[scale * 3 + color])
        }
      }
      return result.values
    }
  }

  /// Errors are this much finer than sixteenths: near smooth areas they are divided by much.
  static let errorUnit: Float = 8
  /// Of squared errors, and of what is seen, per pixel: 2¼ and 3 times what the model was trained by, so that less is
  /// rounded towards zero (docs/decisions/0034).
  private static let squaredErrorWeight: Float = 0.45
  private static let seenWeight = 45.0
  private static let leastPower = 1e-12
  /// The weight of the largest curvature of what is seen: latents rarely all change for the worst.
  private static let boundWeight: Float = 0.4

  private let input: ModelInput
  /// None for very small images, whose D is the squared error.
  private let scaleCount: Int
  private let squaredErrorWeight: Float
  /// [scale · 3 + opponent colour][channel]: the energy of a channel's kernel at a scale, as far as it is no
  /// difference of means, against that of the whole kernel.
  private let responses: [[Float]]
  /// Latents of a position.
  private let channels: Int

  init(_ input: ModelInput, _ decoder: LatentDecoder) {
    self.input = input
    let side = min(input.width, input.height)
    scaleCount = (0..<VisualWeights.scaleCount).count { side >> $0 >= SSIM.windowSize }
    squaredErrorWeight = scaleCount == 0 ? 1 : VisualDistortion.squaredErrorWeight
    responses = decoder.synthesis.responses(scaleCount: scaleCount)
    channels = decoder.synthesis.inputs
  }

  /// `errors`: x − x̂ in sixteenths, 8×8 pixels for each latent, zero beyond the image.
  func callAsFunction(_ errors: Tensor, jobs: Int) async throws(CodecError) -> Local {
    let planes = (0..<3).map { input.plane($0) }
    let rgbErrors = (0..<3).map { self.errors(errors, color: $0) }
    let colors = try await mapTiles(Array(0..<3), jobs: min(jobs, 3)) {
      part(planes, rgbErrors, opponent: $0)
    }
    let columns = input.latentWidth
    let curvatureBound = curvatureBound(colors)
    var divided = errors
    let unit = VisualDistortion.errorUnit
    let limit = Float(255 * 16) * unit
    for y in 0..<input.height {
      for x in 0..<input.width {
        let i = y * input.width + x
        let factor = unit / curvatureBound.values[y / 8 * columns + x / 8]
        for color in 0..<3 {
          let error = rgbErrors[color][i]
          var slope: Float = 0
          for (part, opponent) in zip(colors, VisualWeights.opponents) where !part.slopes.isEmpty {
            slope += opponent[color] * part.slopes[i]
          }
          // What leads out of the range of samples is cut off.
          let seen = planes[color].samples[i] - error / 16
          if seen <= 0 { slope = max(slope, 0) }
          if seen >= 255 { slope = min(slope, 0) }
          slope = (squaredErrorWeight * error + slope) * factor
          divided.values[y * errors.rowStride + 3 * x + color] = Int16(
            min(max(slope, -limit), limit).rounded())
        }
      }
    }
    let squares = rgbErrors.reduce(0.0) { $1.reduce($0) { $0 + Double($1 * $1) } } / 256
    return Local(
      value: colors.reduce(Double(squaredErrorWeight) * squares) { $0 + $1.value }, errors: divided,
      curvature: Curvature(
        channels: channels, squaredErrorWeight: squaredErrorWeight, planes: colors.map(\.curvature),
        responses: responses),
      curvatureBound: curvatureBound)
  }

  /// The largest of a position and those around it.
  private func curvatureBound(_ colors: [Part]) -> Gradient {
    var result = Gradient(height: input.latentHeight, width: input.latentWidth, channels: 1)
    for y in 0..<result.height {
      for x in 0..<result.width {
        var largest: Float = 0
        for plane in colors.map(\.curvatureBound) where !plane.samples.isEmpty {
          for row in (y - 1...y + 1).clamped(to: 0...plane.height - 1) {
            for column in (x - 1...x + 1).clamped(to: 0...plane.width - 1) {
              largest = max(largest, plane.samples[row * plane.width + column])
            }
          }
        }
        result.values[y * result.width + x] =
          squaredErrorWeight + VisualDistortion.boundWeight * largest
      }
    }
    return result
  }

  /// The part of one opponent colour.
  private struct Part: Sendable {
    let value: Double
    /// −1/2 · ∂D/∂x̂ in sixteenths.
    let slopes: [Float]
    /// Per scale, as in ``Curvature``.
    let curvature: [MetricPlane]
    /// For each latent, the largest curvature of what is seen by any of its pixels.
    let curvatureBound: MetricPlane
  }

  /// x − x̂ in sixteenths of one colour, without what lies beyond the image.
  private func errors(_ errors: Tensor, color: Int) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(input.width * input.height)
    for y in 0..<input.height {
      for x in 0..<input.width {
        result.append(Float(errors.values[y * errors.rowStride + 3 * x + color]))
      }
    }
    return result
  }

  private func part(_ planes: [MetricPlane], _ errors: [[Float]], opponent: Int) -> Part {
    guard scaleCount > 0 else {
      return Part(value: 0, slopes: [], curvature: [], curvatureBound: .empty)
    }
    let m = VisualWeights.opponents[opponent]
    var (a, b) = (planes[0], planes[0])
    for i in a.samples.indices {
      let mixed =
        m[0] * planes[0].samples[i] + m[1] * planes[1].samples[i] + m[2] * planes[2].samples[i]
      let error = m[0] * errors[0][i] + m[1] * errors[1][i] + m[2] * errors[2][i]
      a.samples[i] = mixed
      b.samples[i] = mixed - error / 16
    }
    let total = VisualDistortion.seenWeight * Double(input.width * input.height)
    var value = 0.0
    var scales: [(slopes: MetricPlane, curvature: MetricPlane)] = []
    for scale in 0..<scaleCount {
      if scale > 0 { (a, b) = (a.halved(), b.halved()) }
      let zero = MetricPlane(
        width: a.width, height: a.height, samples: [Float](repeating: 0, count: a.samples.count))
      var sum = (slopes: zero, curvature: zero)
      value += total * add(VisualWeights.scales[opponent][scale], a, b, total, to: &sum)
      scales.append(sum)
    }
    // From the coarsest scale on. A sample's square counts a quarter after halving.
    var curvature: [MetricPlane] = []
    var (slopes, curvatureBound) = (MetricPlane.empty, MetricPlane.empty)
    while var scale = scales.popLast() {
      let side = max(8 >> scales.count, 1)
      var cells = scale.curvature.reduced(by: side, +)
      cells.scale(by: 1 / Float(side * side))
      curvature.append(cells)
      scale.curvature.add(quartersOf: curvatureBound)
      curvatureBound = scale.curvature
      scale.slopes.add(quartersOf: slopes)
      slopes = scale.slopes
    }
    slopes.scale(by: 16)
    curvatureBound.scale(by: m[0] * m[0] + m[1] * m[1] + m[2] * m[2])
    return Part(
      value: value, slopes: slopes.samples, curvature: curvature.reversed(),
      curvatureBound: curvatureBound.reduced(by: 8, max))
  }

  /// Adds what one scale gives, times `total`; returns its weighted sum.
  private func add(
    _ weights: VisualWeights.Scale, _ a: MetricPlane, _ b: MetricPlane, _ total: Double,
    to sum: inout (slopes: MetricPlane, curvature: MetricPlane)
  ) -> Double {
    var value = 0.0
    for (weight, isFourthPower) in [(weights.mean, false), (weights.fourthPower, true)]
    where weight > 0 {
      let found = SSIMSlopes(a, b, isFourthPower: isFourthPower)
      var factor = total * weight / found.windowCount
      if isFourthPower {
        let mean = max(found.mean, VisualDistortion.leastPower)
        value += weight * mean.fourthRoot
        factor *= mean.fourthRoot / mean
      } else {
        value += weight * found.mean
      }
      sum.slopes.add(found.slopes, times: Float(factor / 2))
      sum.curvature.add(found.curvature, times: Float(factor))
    }
    guard weights.comparesEdges else { return value }
    return value
      + EdgeSlopes(a, b).add(
        ringing: weights.ringing, blur: weights.blur, total: total, slopes: &sum.slopes,
        curvature: &sum.curvature)
  }
}

extension MetricPlane {
  fileprivate static let empty = MetricPlane(width: 0, height: 0, samples: [])

  fileprivate mutating func scale(by factor: Float) {
    for i in samples.indices { samples[i] *= factor }
  }

  fileprivate mutating func add(_ other: MetricPlane, times factor: Float) {
    for i in samples.indices { samples[i] += factor * other.samples[i] }
  }

  /// Adds what comes back through ``halved()`` from a plane of half the size, if it is not empty.
  fileprivate mutating func add(quartersOf coarse: MetricPlane) {
    for y in 0..<2 * coarse.height {
      for x in 0..<2 * coarse.width {
        samples[y * width + x] += coarse.samples[y / 2 * coarse.width + x / 2] / 4
      }
    }
  }

  /// Combines zero and the samples of squares of `side`, at the edges as many as there are.
  fileprivate func reduced(by side: Int, _ combine: (Float, Float) -> Float) -> MetricPlane {
    guard side > 1 else { return self }
    let (columns, rows) = ((width + side - 1) / side, (height + side - 1) / side)
    var result = [Float](repeating: 0, count: columns * rows)
    for y in 0..<height {
      for x in 0..<width {
        let i = y / side * columns + x / side
        result[i] = combine(result[i], samples[y * width + x])
      }
    }
    return MetricPlane(width: columns, height: rows, samples: result)
  }
}

extension Gradient {
  /// Adds to every latent of a tile what a plane of the image says of it, which has one value for
  /// `step` × `step` latents.
  fileprivate mutating func add(
    _ plane: MetricPlane, of tile: Tiling.Tile, step: Int, responses: [Float]
  ) {
    let channels = channels
    values.withUnsafeMutableBufferPointer { values in
      responses.withUnsafeBufferPointer { responses in
        var start = 0
        for y in tile.latentRows {
          let row = min(y / step, plane.height - 1) * plane.width
          for x in tile.latentColumns {
            let curvature = plane.samples[row + min(x / step, plane.width - 1)]
            for c in 0..<channels { values[start &+ c] += curvature * responses[c] }
            start += channels
          }
        }
      }
    }
  }
}

extension ModelInput {
  /// One of the three channels, 8-bit samples in single precision, as the search compares them.
  fileprivate func plane(_ color: Int) -> MetricPlane {
    var samples: [Float] = []
    samples.reserveCapacity(width * height)
    for y in 0..<height {
      let row = pixels(rows: y..<y + 1, columns: 0..<width)
      for x in 0..<width {
        samples.append(Float((row.values[3 * x + color] + 4) >> 3) / 16 + 128)
      }
    }
    return MetricPlane(width: width, height: height, samples: samples)
  }
}

extension Convolution {
  /// For the synthesis: [scale · 3 + opponent colour][channel] as ``VisualDistortion`` wants it.
  fileprivate func responses(scaleCount: Int) -> [[Float]] {
    let norms = squaredNorms
    var result = [[Float]](
      repeating: [Float](repeating: 0, count: inputs), count: 3 * scaleCount)
    for channel in 0..<inputs {
      let kernels = (0..<3).map { kernel(channel: channel, color: $0).pixels }
      for (color, opponent) in VisualWeights.opponents.enumerated() {
        let m = opponent.map(Double.init)
        let kernel = SynthesisKernel(
          pixels: kernels[0].indices.map {
            m[0] * kernels[0][$0] + m[1] * kernels[1][$0] + m[2] * kernels[2][$0]
          })
        for scale in 0..<scaleCount {
          result[scale * 3 + color][channel] = Float(
            kernel.variance(scale: scale) / norms[channel])
        }
      }
    }
    return result
  }
}

extension SynthesisKernel {
  /// The sum over all windows of the variance, after `scale` halvings.
  fileprivate func variance(scale: Int) -> Double {
    let side = 1 << scale
    // Blocks of 8 pixels lie in two ways in squares of 16.
    let phases = scale == 4 ? [12, 4] : [(8 * side - 4) % side]
    return phases.reduce(0) { $0 + variance(side: side, phase: $1) } / Double(phases.count)
  }

  private func variance(side: Int, phase: Int) -> Double {
    let count = (phase + 15) / side + 1
    var means = [Double](repeating: 0, count: count * count)
    for y in 0..<16 {
      for x in 0..<16 {
        let place = (y + phase) / side * count + (x + phase) / side
        means[place] += pixels[y * 16 + x] / Double(side * side)
      }
    }
    // What every window around holds: by rows, then by columns.
    let windows = count + SSIM.windowSize - 1
    var rows = [Double](repeating: 0, count: windows * count)
    var sums = [Double](repeating: 0, count: windows * windows)
    for (k, weight) in SSIM.window.enumerated() {
      for i in means.indices { rows[k * count + i] += weight * means[i] }
    }
    for y in 0..<windows {
      for (k, weight) in SSIM.window.enumerated() {
        for x in 0..<count { sums[y * windows + x + k] += weight * rows[y * count + x] }
      }
    }
    let energy = means.reduce(0) { $0 + $1 * $1 }
    return max(energy - sums.reduce(0) { $0 + $1 * $1 }, 0)
  }
}
