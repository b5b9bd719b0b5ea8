/// Codes the samples of one plane, each under distributions that adapt to those before it.
///
/// Experts (windowed least squares and NLMS on neighbouring samples) predict each sample; their
/// blend, corrected by what its last errors were, centres the distributions of ``SampleCoder``.
struct PlaneCoder: ~Copyable {
  /// What a plane is coded from.
  struct Setting {
    let kernels: ResidualKernels
    let profile: ResidualProfile
    /// The plane itself; its samples lie in 0 ... high.
    let samples: PaddedPlane
    let high: Int
    /// Steps of this plane per step of an 8-bit sample.
    let unit: Float
    let neighborhood: Neighborhood
    /// The first colour before this one, whose changes this plane's may follow.
    let guide: PaddedPlane?
    /// The errors of the planes before this one.
    let helpers: [PaddedPlane]
    /// Whether those are known only up to the sample being coded.
    let isInterleaved: Bool
    let prediction: PlanePrediction?
  }

  /// Which lane holds what; the experts come before them.
  enum Lane {
    static let experts = 3
    /// The left and the upper sample, each with the guide's change from there.
    static let west = 3
    static let north = 4
    /// P_dec(x|z), or without one a sample as it is.
    static let prediction = 5
    /// The blend and its mean error under the context.
    static let main = 6
    /// The same, and what the last errors around tell.
    static let corrected = 7
  }

  /// Levels of a mean |error| around a sample, in scales and contexts.
  static let levels = 48
  /// Levels of the earlier planes' |error|, or of the prediction's scale.
  static let helperLevels = 24
  /// A difference quantised by ``ResidualKernels``.
  static let deltas = 11

  /// The estimate's error at every sample; zero around them.
  let errors: PaddedPlane

  let setting: Setting
  let kernels: ResidualKernels
  let order: Int
  let vectors: Int
  let runs: Buffer<KernelRun>
  let features: Buffer<Float>
  var leastSquares: LeastSquares
  let gradients: Buffer<Float>
  /// One pointer per expert, to the weights for the current sample.
  let expertWeights: Buffer<UnsafePointer<Float>>
  /// How much each lane's mean counts in the blend.
  let share: Buffer<Float>
  let lanes: Buffer<KernelLanes>
  let scales: Buffer<Float>
  let scaleCounts: Buffer<Float>
  let localBias = BiasTable(contexts: deltas * deltas * deltas)
  let errorBias = BiasTable(contexts: deltas * deltas * deltas)
  /// Weights of the last errors around, and those errors.
  let correction = Buffer<Float>(zeroed: 8)
  let history = Buffer<Float>(zeroed: 8)
  /// Differences to quantise, and their classes.
  let differences = Buffer<Float>(zeroed: 8)
  let classes = Buffer<Int32>(zeroed: 8)
  let sampleCoder: SampleCoder

  /// Three rows of the lanes' |errors|, used in turn, with a border.
  private let laneErrors: Buffer<Float>
  private static let border = 8

  /// The current row and those above; moved by ``beginRow(_:)``.
  struct Row {
    var y = 0
    var current: UnsafeMutablePointer<Float>
    var above: UnsafeMutablePointer<Float>
    var above2: UnsafeMutablePointer<Float>
    var guide: UnsafeMutablePointer<Float>?
    var error: UnsafeMutablePointer<Float>
    var errorAbove: UnsafeMutablePointer<Float>
    var errorAbove2: UnsafeMutablePointer<Float>
    var lanes: UnsafeMutablePointer<Float>
    var lanesAbove: UnsafeMutablePointer<Float>
    var lanesAbove2: UnsafeMutablePointer<Float>
  }
  private(set) var row: Row
  /// The current row of each helper's errors.
  let helperRows: Buffer<UnsafeMutablePointer<Float>>

  init(_ setting: Setting) {
    self.setting = setting
    kernels = setting.kernels
    let width = setting.samples.width
    order = setting.neighborhood.order
    vectors = (order + 7) / 8
    runs = Buffer(zeroed: setting.neighborhood.runCount)
    features = Buffer(zeroed: 8 * vectors + 8)
    leastSquares = LeastSquares(
      kernels: setting.kernels, profile: setting.profile, width: width, order: order,
      vectors: vectors)
    let windowCount = setting.profile.windows.count
    let rateCount = setting.profile.rates.count
    precondition(windowCount + rateCount <= Lane.experts)
    gradients = Buffer(zeroed: rateCount * 8 * vectors)
    expertWeights = Buffer(repeating: UnsafePointer(gradients.base), count: Lane.experts)
    share = Buffer(zeroed: ResidualKernels.lanes)
    for expert in 0..<windowCount + rateCount { share[expert] = expert == 0 ? 1.5 : 1 }
    if setting.prediction != nil { share[Lane.prediction] = 1 }
    for k in 0..<rateCount { expertWeights[windowCount + k] += k * 8 * vectors }
    lanes = Buffer(zeroed: 1)
    let slots = Self.levels * Self.helperLevels * ResidualKernels.lanes
    scales = Buffer(zeroed: slots)
    scaleCounts = Buffer(repeating: 2, count: slots)
    var scale: Float = 0.15
    for level in 0..<Self.levels {
      let perLevel = slots / Self.levels
      (scales.base + level * perLevel).update(repeating: scale, count: perLevel)
      scale *= 1.2599
    }
    sampleCoder = SampleCoder(
      kernels: setting.kernels, high: setting.high,
      contextSizes: Self.contextSizes(setting.profile),
      weightSets: (Self.levels, Self.helperLevels * Self.deltas))
    let laneStride = (width + 2 * Self.border) * ResidualKernels.lanes
    laneErrors = Buffer(repeating: 1, count: 3 * laneStride)
    errors = PaddedPlane(width: width, height: setting.samples.height, filledWith: 0)
    helperRows = Buffer(
      repeating: setting.samples.row(0), count: setting.helpers.count)
    row = Row(
      current: setting.samples.row(0), above: setting.samples.row(-1),
      above2: setting.samples.row(-2), guide: nil, error: errors.row(0), errorAbove: errors.row(-1),
      errorAbove2: errors.row(-2), lanes: laneErrors.base, lanesAbove: laneErrors.base,
      lanesAbove2: laneErrors.base)
  }

  /// Starts row `y`; rows come in ascending order.
  mutating func beginRow(_ y: Int) {
    setting.samples.beginRow(y)
    setting.neighborhood.place(runs.base, row: y)
    row.y = y
    row.current = setting.samples.row(y)
    row.above = setting.samples.row(y - 1)
    row.above2 = setting.samples.row(y - 2)
    row.guide = setting.guide?.row(y)
    row.error = errors.row(y)
    row.errorAbove = errors.row(y - 1)
    row.errorAbove2 = errors.row(y - 2)
    for (index, helper) in setting.helpers.enumerated() { helperRows[index] = helper.row(y) }
    row.lanes = laneRow(y)
    row.lanesAbove = laneRow(y + 2)
    row.lanesAbove2 = laneRow(y + 1)
    for k in 1...Self.border { (row.lanes - 8 * k).update(from: row.lanesAbove, count: 8) }
  }

  /// Ends the row that was begun last.
  mutating func endRow() {
    setting.samples.endRow(row.y)
    let end = row.lanes + 8 * setting.samples.width
    for k in 0..<Self.border { (end + 8 * k).update(from: end - 8, count: 8) }
    leastSquares.endRow()
  }

  private func laneRow(_ y: Int) -> UnsafeMutablePointer<Float> {
    let stride = setting.samples.width + 2 * Self.border
    return laneErrors.base + ((y % 3) * stride + Self.border) * 8
  }
}
