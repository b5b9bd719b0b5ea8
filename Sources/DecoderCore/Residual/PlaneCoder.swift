internal import CKernels
internal import Entropy

/// Codes the samples of one plane, each under distributions that adapt to those before it.
///
/// Experts (windowed least squares and NLMS on neighbouring samples) predict each sample; their
/// blend, corrected by what its last errors were, centres the distributions of the decisions.
package struct PlaneCoder: ~Copyable {
  /// What a plane is coded from.
  package struct Setting {
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
    /// The estimate's error at every sample is written here; zero around them.
    let errors: PaddedPlane
    /// The errors of the planes before this one.
    let helpers: [PaddedPlane]
    /// Whether those are known only up to the sample being coded.
    let isInterleaved: Bool
    let prediction: PlanePrediction?
    /// Learned mixing and NLMS weights to start from, for planes that they are known for.
    let start: UnsafePointer<Float>?
    let startGradients: UnsafePointer<Float>?
  }

  private let setting: Setting
  private let kernels: ResidualKernels
  private let codesSymbols: Bool
  /// What kernels work on: where the row lies, the models, the sample at hand.
  private let plane = Buffer<KernelPlane>(zeroed: 1)
  private let runs: Buffer<KernelRun>
  private var leastSquares: LeastSquares
  package let gradients: Buffer<Float>
  private let scales: Buffer<Float>
  private let scaleCounts: Buffer<Float>
  private let localBias: Buffer<KernelBias>
  private let errorBias: Buffer<KernelBias>
  package let mixers: SampleModels
  /// Three rows of the lanes' |errors|, used in turn, with a border.
  private let laneErrors: Buffer<Float>
  private static let border = 8
  private var row = 0

  /// As many of each as `ck_plane` has room for.
  private static let experts = 3
  private static let helpers = 3
  /// The lane of P_dec(x|z).
  private static let predictionLane = 5
  /// The |error| that is noted for a sample coded by other means: small, but not exact.
  private static let skippedError: Float = 0.3

  init(_ setting: Setting) {
    self.setting = setting
    kernels = setting.kernels
    let profile = setting.profile
    codesSymbols = profile.contextCount == 0
    let width = setting.samples.width
    let order = setting.neighborhood.order
    let vectors = (order + 7) / 8
    runs = Buffer(zeroed: setting.neighborhood.runCount)
    leastSquares = LeastSquares(
      kernels: setting.kernels, profile: profile, width: width, order: order, vectors: vectors)
    gradients = Buffer(zeroed: profile.rates.count * 8 * vectors)
    if let learned = setting.startGradients {
      for place in 0..<gradients.count { gradients[place] = learned[place % (8 * vectors)] }
    }
    let slotsPerLevel = ResidualKernels.helperLevels * ResidualKernels.lanes
    scales = Buffer(zeroed: ResidualKernels.levels * slotsPerLevel)
    scaleCounts = Buffer(repeating: 2, count: ResidualKernels.levels * slotsPerLevel)
    var scale: Float = 0.15
    for level in 0..<ResidualKernels.levels {
      (scales.base + level * slotsPerLevel).update(repeating: scale, count: slotsPerLevel)
      scale *= 1.2599
    }
    let deltas = ResidualKernels.deltas
    localBias = Buffer(zeroed: deltas * deltas * deltas)
    errorBias = Buffer(zeroed: deltas * deltas * deltas)
    mixers = SampleModels(contextCount: profile.contextCount, start: setting.start)
    let laneStride = (width + 2 * Self.border) * ResidualKernels.lanes
    laneErrors = Buffer(repeating: 1, count: 3 * laneStride)
    setUpPlane(order: order, vectors: vectors)
    mixers.install(in: plane.base)
  }

  private func setUpPlane(order: Int, vectors: Int) {
    let plane = plane.base
    let profile = setting.profile
    plane.pointee.high = Float(setting.high)
    plane.pointee.unit = setting.unit
    plane.pointee.order = order
    plane.pointee.vectors = vectors
    plane.pointee.run_count = runs.count
    plane.pointee.window_count = profile.windows.count
    plane.pointee.rate_count = profile.rates.count
    let experts = profile.windows.count + profile.rates.count
    precondition(experts <= Self.experts && setting.helpers.count <= Self.helpers)
    let rates = plane.rates
    let weights = plane.expertWeights
    for (index, rate) in profile.rates.enumerated() {
      rates[index] = rate
      weights[profile.windows.count + index] = gradients.base + index * 8 * vectors
    }
    let share = plane.share
    for expert in 0..<experts { share[expert] = expert == 0 ? 1.5 : 1 }
    if setting.prediction != nil { share[Self.predictionLane] = 1 }
    plane.pointee.helper_count = setting.helpers.count
    plane.pointee.helpers_are_whole = setting.isInterleaved ? 0 : 1
    plane.pointee.stride = setting.errors.stride
    plane.pointee.runs = UnsafePointer(runs.base)
    plane.pointee.scales = scales.base
    plane.pointee.scale_counts = scaleCounts.base
    plane.pointee.local_bias = localBias.base
    plane.pointee.error_bias = errorBias.base
  }

  /// Starts row `y`; rows come in ascending order.
  mutating func beginRow(_ y: Int) {
    setting.samples.beginRow(y)
    setting.neighborhood.place(runs.base, row: y)
    row = y
    let plane = plane.base
    plane.pointee.sample = setting.samples.row(y)
    plane.pointee.error = setting.errors.row(y)
    plane.pointee.guide = (setting.guide?.row(y)).map { UnsafePointer($0) }
    plane.pointee.prediction = (setting.prediction?.means.row(y)).map { UnsafePointer($0) }
    plane.pointee.prediction_scale = setting.prediction?.scales(row: y)
    let helpers = plane.helpers
    for (index, helper) in setting.helpers.enumerated() {
      helpers[index] = UnsafePointer(helper.row(y))
    }
    let lanes = laneRow(y)
    let above = laneRow(y + 2)
    for k in 1...Self.border { (lanes - 8 * k).update(from: above, count: 8) }
    plane.pointee.lane_errors = lanes
    plane.pointee.lane_errors_above = UnsafePointer(above)
    plane.pointee.lane_errors_above2 = UnsafePointer(laneRow(y + 1))
  }

  /// Ends the row that was begun last.
  mutating func endRow() {
    setting.samples.endRow(row)
    let end = laneRow(row) + 8 * setting.samples.width
    for k in 0..<Self.border { (end + 8 * k).update(from: end - 8, count: 8) }
    leastSquares.endRow()
  }

  private func laneRow(_ y: Int) -> UnsafeMutablePointer<Float> {
    let stride = setting.samples.width + 2 * Self.border
    return laneErrors.base + ((y % 3) * stride + Self.border) * 8
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
    predict(at: x)
    let plane = plane.base
    let sample = Int32(truncatingIfNeeded: value)
    let result = Int(
      codesSymbols
        ? coder.code { kernels.call.code_symbol(plane, sample, $0) }
        : coder.code { kernels.call.code_sample(plane, sample, $0) })
    learn(result, at: x)
    return result
  }

  /// Predicts the sample at column `x`: first half of ``code(_:at:with:)``.
  @inline(__always)
  mutating func predict(at x: Int) {
    let plane = plane.base
    leastSquares.prepare(x)
    let weights = plane.expertWeights
    for window in 0..<leastSquares.windowCount {
      weights[window] = leastSquares.weights(window: window, at: x)
    }
    kernels.call.predict_sample(plane, x)
  }

  /// The rank that was predicted, and the |error| to expect.
  @inline(__always)
  var expectation: (rank: Int, error: Float) {
    (Int(plane.base.pointee.rounded), plane.base.pointee.expected_error)
  }

  /// Learns the sample that was predicted last.
  @inline(__always)
  mutating func learn(_ value: Int, at x: Int) {
    let plane = plane.base
    let sample = Float(value)
    let error = plane.pointee.expected_error
    leastSquares.add(
      features: plane.features,
      target: sample - plane.pointee.reference, importance: 1 / (error * error + 1))
    kernels.call.settle_sample(plane, x, sample)
  }

  /// Notes a sample that was coded by other means.
  @inline(__always)
  mutating func skip(_ value: Int, at x: Int) {
    let plane = plane.base
    plane.pointee.sample[x] = Float(value)
    plane.pointee.error[x] = 0
    (plane.pointee.lane_errors + 8 &* x).update(repeating: Self.skippedError, count: 8)
  }
}
