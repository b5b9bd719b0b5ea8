internal import CKernels
internal import Entropy

/// Codes the samples of one plane quickly: one least-squares expert centres one distribution,
/// whose scale is the mean |error| under a context of errors around, and a sample is one symbol.
struct LeanPlaneCoder: ~Copyable {
  private let setting: PlaneCoder.Setting
  private let kernels: ResidualKernels
  private let plane = Buffer<KernelPlane>(zeroed: 1)
  private let runs: Buffer<KernelRun>
  private var leastSquares: LeastSquares
  private let scales: Buffer<KernelBias>

  init(_ setting: PlaneCoder.Setting) {
    self.setting = setting
    kernels = setting.kernels
    let order = setting.neighborhood.order
    let vectors = (order + 7) / 8
    runs = Buffer(zeroed: setting.neighborhood.runCount)
    leastSquares = LeastSquares(
      kernels: setting.kernels, profile: setting.profile, width: setting.samples.width,
      order: order, vectors: vectors)
    let columns = ResidualKernels.helperLevels
    scales = Buffer(zeroed: ResidualKernels.levels * columns)
    // A level is a quarter of an octave of six times the error.
    var scale = setting.unit / 6
    for level in 0..<ResidualKernels.levels {
      let cell = KernelBias(mean: scale, count: 2)
      (scales.base + level * columns).update(repeating: cell, count: columns)
      scale *= 1.189
    }
    let plane = plane.base
    plane.pointee.high = Float(setting.high)
    plane.pointee.unit = setting.unit
    plane.pointee.order = order
    plane.pointee.vectors = vectors
    plane.pointee.run_count = runs.count
    plane.pointee.helper_count = setting.helpers.count
    plane.pointee.stride = setting.errors.stride
    plane.pointee.runs = UnsafePointer(runs.base)
    plane.pointee.lean_errors = scales.base
    plane.pointee.lean_starts = MixTables.shared.lean
  }

  /// Codes row `y` of ranks; rows come in ascending order.
  mutating func codeRow<Coder: BinaryCoder & ~Copyable>(
    _ y: Int, _ ranks: UnsafeMutablePointer<UInt16>, with coder: inout Coder
  ) {
    setting.samples.beginRow(y)
    setting.neighborhood.place(runs.base, row: y)
    let plane = plane.base
    plane.pointee.sample = setting.samples.row(y)
    plane.pointee.error = setting.errors.row(y)
    let helpers = plane.helpers
    for (index, helper) in setting.helpers.enumerated() {
      helpers[index] = UnsafePointer(helper.row(y))
    }
    let weights = plane.expertWeights
    let width = setting.samples.width
    for x in stride(from: 0, to: width, by: setting.profile.blockWidth) {
      leastSquares.prepare(x)
      weights[0] = leastSquares.weights(window: 0, at: x)
      let count = min(setting.profile.blockWidth, width - x)
      var sums = leastSquares.room
      coder.code { kernels.call.code_block(plane, x, count, ranks + x, &sums, $0) }
      leastSquares.add(count: (count + 1) / 2)
    }
    setting.samples.endRow(y)
    leastSquares.endRow()
  }
}
