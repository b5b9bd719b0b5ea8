/// Samples as steps from x̂ and back.
package struct PredictionSteps {
  /// Bounds that the format has.
  package static let errorRange = 1...16

  /// The largest possible sample.
  let peak: Int
  package let step: Int
  /// What stands for no step; steps below it go down.
  package let zero: Int

  package init(peak: Int, maximumError: Int) {
    self.peak = peak
    step = 2 * maximumError + 1
    zero = (peak + maximumError) / step
  }

  /// x̂ of a mean in sixteenths.
  package func center(_ mean: Int32) -> Int { min(Int((mean + 8) >> 4), peak) }

  /// The samples that steps stand for, whatever a stream says.
  package func inverse(_ steps: [[UInt16]], _ prediction: TilePrediction) -> [[UInt16]] {
    var result = steps
    for (index, means) in prediction.means.enumerated() {
      result[index] = zip(steps[index], means).map { count, mean in
        UInt16(min(max(center(mean) + (Int(count) - zero) * step, 0), peak))
      }
    }
    return result
  }

  /// P_dec(x|z) in steps: around zero, its scale that many times smaller.
  package func prediction(_ samples: TilePrediction) -> TilePrediction {
    // ⌊4 · log₂ step⌋
    let shift = UInt8(Int.bitWidth - 1 - (step * step * step * step).leadingZeroBitCount)
    return TilePrediction(
      means: samples.means.map { means in
        means.map { mean in
          Int32(16 * zero) + (mean - 16 * Int32(center(mean))) / Int32(step)
        }
      },
      scales: samples.scales.map { $0.map { $0 > shift ? $0 - shift : 0 } })
  }
}
