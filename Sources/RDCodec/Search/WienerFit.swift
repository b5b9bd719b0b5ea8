internal import CKernels
internal import DecoderCore
internal import Entropy

/// What a ``WienerFilter`` is fitted to: products of its inputs and of errors, summed over pixels.
struct WienerFit: Sendable {
  /// Pixels that are looked at: more are not worth their time.
  private static let sampleCount = 1 << 17

  /// Inputs × inputs, and outputs × inputs.
  private var products = [Double](
    repeating: 0, count: WienerFilter.inputs * WienerFilter.inputs)
  private var targets = [Double](
    repeating: 0, count: WienerFilter.outputs * WienerFilter.inputs)
  private let rowStep: Int
  /// Pixels that were looked at.
  private var count = 0

  /// `sampledCount`: pixels of all parts that will be added.
  init(sampledCount: Int) { rowStep = max(1, sampledCount / WienerFit.sampleCount) }

  /// Adds a part of the image: `pixels` as ``ModelInput`` has them, those that the inputs are of or
  /// fewer at the right and bottom edge.
  mutating func add(_ part: LatentDecoder.Surrounded, pixels: Tensor) {
    let inputs = WienerInputs(part)
    let width = part.columns.count
    var row = WienerInputs.Row(width: width)
    var errors = [Int32](repeating: 0, count: WienerFilter.outputs * width)
    for y in stride(from: 0, to: pixels.height, by: rowStep) {
      inputs.fill(&row, y: y)
      let source = (part.rows.lowerBound + y) * part.mean.rowStride + 3 * part.columns.lowerBound
      for column in 0..<pixels.width {
        let (wanted, seen) = (y * pixels.rowStride + 3 * column, source + 3 * column)
        func error(_ color: Int) -> Int32 {
          Int32(LatentSearch.error(pixels.values[wanted + color], part.mean.values[seen + color]))
        }
        let (red, green, blue) = (error(0), error(1), error(2))
        errors[column] = red + green + blue
        errors[width + column] = red - blue
        errors[2 * width + column] = 2 * green - red - blue
      }
      add(row.values, errors: errors, width: width, count: pixels.width)
      count += pixels.width
    }
  }

  private mutating func add(_ inputs: [Int32], errors: [Int32], width: Int, count: Int) {
    inputs.withUnsafeBufferPointer { inputs in
      errors.withUnsafeBufferPointer { errors in
        func product(
          _ a: UnsafeBufferPointer<Int32>, _ i: Int, _ b: UnsafeBufferPointer<Int32>, _ j: Int
        ) -> Double {
          Double(
            SearchKernels.best.dot(
              a.baseAddress! + i * width, b.baseAddress! + j * width, count))
        }
        for i in 0..<WienerFilter.inputs {
          for j in 0...i { products[i * WienerFilter.inputs + j] += product(inputs, i, inputs, j) }
          for o in 0..<WienerFilter.outputs {
            targets[o * WienerFilter.inputs + i] += product(errors, o, inputs, i)
          }
        }
      }
    }
  }

  static func + (a: WienerFit, b: WienerFit) -> WienerFit {
    var sum = a
    for i in sum.products.indices { sum.products[i] += b.products[i] }
    for i in sum.targets.indices { sum.targets[i] += b.targets[i] }
    sum.count += b.count
    return sum
  }

  /// The filter of the least λ D + its bits, if that is less than without one.
  ///
  /// - Parameters:
  ///   - pixelCount: of the whole image.
  ///   - errorWeight: bits for a squared error of 1, in squared sixteenths, of one sample.
  ///   - isGrey: whether a decoder shows the mean of the three channels.
  func filter(pixelCount: Int, errorWeight: Double, isGrey: Bool) -> WienerFilter? {
    guard count > 0 else { return nil }
    let errorWeight = errorWeight * Double(pixelCount) / Double(count)
    // Where a finer step of luma's weight saves as much as it costs.
    let ideal = (0.5 * DeterministicMath.logarithm2(max(products[0], 1) * errorWeight / 3))
      .rounded()
    let fineness = Int(min(max(ideal, 0), Double(WienerFilter.maximumFineness)))
    var best: (filter: WienerFilter, saved: Double)?
    for candidate in fineness - 1...fineness + 1
    where (0...WienerFilter.maximumFineness).contains(candidate) {
      var pursuit = WienerPursuit(self, fineness: candidate, errorWeight: errorWeight)
      let found = pursuit.run(isGrey: isGrey)
      if found.saved > best?.saved ?? 0 { best = found }
    }
    return best?.filter
  }

  fileprivate func product(_ i: Int, _ j: Int) -> Double {
    products[max(i, j) * WienerFilter.inputs + min(i, j)]
  }

  fileprivate func target(_ output: Int, _ input: Int) -> Double {
    targets[output * WienerFilter.inputs + input]
  }
}

/// Chooses weights one after the other, always the change that saves the most bits.
private struct WienerPursuit {
  /// What adding 1 to luma's third, red's half or green's sixth of all squares does to squares of
  /// samples.
  private static let norms = [3.0, 2, 6]
  /// Changes of an output's levels; usual are ten.
  private static let changeLimit = 256

  private let fit: WienerFit
  private let fineness: Int
  private let errorWeight: Double
  private var levels = [Int](repeating: 0, count: WienerFilter.outputs * WienerFilter.inputs)

  init(_ fit: WienerFit, fineness: Int, errorWeight: Double) {
    self.fit = fit
    self.fineness = fineness
    self.errorWeight = errorWeight
  }

  mutating func run(isGrey: Bool) -> (filter: WienerFilter, saved: Double) {
    var saved = 0.0
    for output in 0..<(isGrey ? 1 : WienerFilter.outputs) {
      saved += pursue(output, isGrey: isGrey)
    }
    let filter = WienerFilter(fineness: fineness, levels: levels)
    return (filter, saved - Double(filter.bitCount))
  }

  private func step(_ input: Int) -> Double {
    Double(sign: .plus, exponent: WienerFilter.coarseness[input] - fineness, significand: 1)
  }

  /// Sets the levels of an output; returns by how many bits λ D falls.
  private mutating func pursue(_ output: Int, isGrey: Bool) -> Double {
    let inputs = (isGrey ? WienerFilter.lumaInputs : Array(0..<WienerFilter.inputs))
      .filter { fit.product($0, $0) > 0 }
    let first = output * WienerFilter.inputs
    let weight = errorWeight * WienerPursuit.norms[output]
    // What is left of the targets, in the output's unit.
    let inverse = 1 / WienerPursuit.norms[output]
    var rest = (0..<WienerFilter.inputs).map { fit.target(output, $0) * inverse }
    var saved = 0.0
    for _ in 0..<WienerPursuit.changeLimit {
      var best: (input: Int, level: Int, gain: Double, saved: Double)?
      for input in inputs {
        let energy = fit.product(input, input)
        let present = levels[first + input]
        let limit = Double(WienerFilter.levelLimit(input: input, fineness: fineness))
        let wanted = Double(present) + rest[input] / energy / step(input)
        let nearest = Int(min(max(wanted, -limit), limit).rounded())
        for level in [nearest, nearest - nearest.signum(), 0] where level != present {
          let change = Double(level - present) * step(input)
          let fall = weight * (2 * change * rest[input] - change * change * energy)
          let gain = fall - cost(first + input, level)
          if gain > best?.gain ?? 0.01 { best = (input, level, gain, fall) }
        }
      }
      guard let best else { break }
      let change = Double(best.level - levels[first + best.input]) * step(best.input)
      for input in inputs { rest[input] -= change * fit.product(input, best.input) }
      levels[first + best.input] = best.level
      saved += best.saved
    }
    return saved
  }

  /// The bits that another level takes more.
  private func cost(_ index: Int, _ level: Int) -> Double {
    let input = index % WienerFilter.inputs
    let group = WienerFilter.groups.first { $0.contains(input) }!
    var part = group.map { levels[index - input + $0] }
    let before = WienerFilter.bitCount(part)
    part[input - group.lowerBound] = level
    return Double(WienerFilter.bitCount(part) - before)
  }
}

extension Tiling {
  /// Pixels up to which an image is looked at as a whole, and of larger ones how many squares of
  /// which side. Fewer and larger ones, 16 of 16 units, took twice the time for the same D.
  private static let wholeCount = 3 << 19
  private static let squareCount = 40
  private static let squareUnits = 4

  /// The tiles, or squares all over the image: making x̂ for the fit of a filter takes the time of
  /// decoding.
  var sampled: [Tile] {
    guard width * height > Tiling.wholeCount else { return tiles }
    let side = Tiling.squareUnits * Tiling.unit
    let (rows, columns) = ((height + side - 1) / side, (width + side - 1) / side)
    let squares = Tiling(
      width: width, height: height, tileWidthUnits: Tiling.squareUnits,
      tileHeightUnits: Tiling.squareUnits
    ).tiles
    return (0..<Tiling.squareCount).map { i in
      // From the top to the bottom, columns by the golden ratio.
      let row = i * rows / Tiling.squareCount
      let fraction = (Double(i) * 0.618).truncatingRemainder(dividingBy: 1)
      return squares[row * columns + Int(fraction * Double(columns))]
    }
  }
}
