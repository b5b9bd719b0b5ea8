import CKernels
import DecoderCore
import Entropy

/// A plane of samples and the models of its coder, as kernels want them; two experts: one of least
/// squares, whose weights stay, and one that learns.
final class SampleRow {
  static let width = 1024
  static let height = 32
  private static let border = 16
  private static let regressors = 16
  private static let lanes = Int(CK_LANES)
  private static let levels = Int(CK_LEVELS)
  private static let helperLevels = Int(CK_HELPER_LEVELS)
  private static let nodes = Int(CK_NODES)
  private static let deltas = Int(CK_DELTAS)
  private static let stride = width + 2 * border
  private static let laneStride = stride * lanes
  /// More than any context has values.
  private static let contextValues = 1 << 12

  let kernels: ck_residual_kernels
  private let plane = Buffer<ck_plane>(zeroed: 1)
  private let runs = Buffer<ck_run>(zeroed: 2)
  private let samples: Buffer<Float>
  private let errors: Buffer<Float>
  private let laneErrors: Buffer<Float>
  private let fixed: Buffer<Float>
  private let learning: Buffer<Float>
  private let scales: Buffer<Float>
  private let counts: Buffer<Float>
  private let biases: Buffer<ck_bias>
  private let weights: Buffer<Float>
  private let moreWeights: Buffer<Float>
  private let counters: Buffer<ck_counter>
  private let stretch = Buffer<Float>(zeroed: Int(CK_STRETCH_COUNT))
  private let squash = Buffer<ck_squashed>(zeroed: Int(CK_SQUASH_COUNT))
  private let symbols = Buffer<UInt32>(zeroed: Int(CK_SYMBOL_START_COUNT))
  /// The samples of all rows.
  let values: [Int32]

  init(_ kernels: ck_residual_kernels, _ mixing: ck_mixing_kernels, contexts: Int) {
    self.kernels = kernels
    let size = Self.stride * (Self.height + 2)
    samples = Buffer(zeroed: size)
    errors = Buffer(zeroed: size)
    laneErrors = Buffer(zeroed: Self.laneStride * (Self.height + 2))
    fixed = Buffer(repeating: 1 / Float(Self.regressors), count: Self.regressors)
    learning = Buffer(zeroed: Self.regressors)
    scales = Buffer(zeroed: Self.levels * Self.helperLevels * Self.lanes)
    counts = Buffer(zeroed: Self.levels * Self.helperLevels * Self.lanes)
    let triples = Self.deltas * Self.deltas * Self.deltas
    biases = Buffer(zeroed: 2 * triples + Self.levels * Self.helperLevels)
    let weightStride = Self.lanes + 2 * contexts
    let sets = contexts == 0 ? 0 : Self.levels * Self.nodes
    weights = Buffer(zeroed: sets * weightStride)
    moreWeights = Buffer(
      zeroed: sets / Self.levels * Self.helperLevels * Self.deltas * weightStride)
    counters = Buffer(zeroed: contexts * Self.contextValues * Self.nodes)
    var noise = Noise(state: 8)
    values = (0..<Self.width * Self.height).map {
      Int32(noise.sample(x: $0 % Self.width, y: $0 / Self.width, plane: 0))
    }
    mixing.fill_tables(stretch.base, squash.base)
    kernels.fill_symbol_starts(symbols.base)

    let plane = plane.base
    plane.pointee.high = 255
    plane.pointee.unit = 1
    plane.pointee.order = Self.regressors
    plane.pointee.vectors = Self.regressors / 8
    plane.pointee.run_count = runs.count
    plane.pointee.window_count = 1
    plane.pointee.rate_count = 1
    ck_plane_rates(plane)[0] = 0.004
    for lane in 0..<2 { ck_plane_lane_weights(plane)[lane] = 1 }
    ck_plane_weights(plane)[0] = fixed.base
    ck_plane_weights(plane)[1] = learning.base
    plane.pointee.context_count = contexts
    plane.pointee.stride = Self.stride
    plane.pointee.runs = UnsafePointer(runs.base)
    plane.pointee.scales = scales.base
    plane.pointee.scale_counts = counts.base
    plane.pointee.local_bias = biases.base
    plane.pointee.error_bias = biases.base + triples
    plane.pointee.mean_errors = biases.base + 2 * triples
    plane.pointee.weights = weights.base
    plane.pointee.more_weights = moreWeights.base
    plane.pointee.weight_stride = weightStride
    plane.pointee.mixer_rate = 0.0022
    for context in 0..<contexts {
      ck_plane_counters(plane)[context] = counters.base + context * Self.contextValues * Self.nodes
    }
    plane.pointee.logistic = ck_logistic(stretch: stretch.base, squash: squash.base)
    plane.pointee.symbol_starts = UnsafePointer(symbols.base)
    reset()
  }

  /// Makes all models new, and the samples unknown.
  func reset() {
    samples.base.update(repeating: 64, count: samples.count)
    errors.base.update(repeating: 0, count: errors.count)
    laneErrors.base.update(repeating: 1, count: laneErrors.count)
    learning.base.update(repeating: 0, count: learning.count)
    scales.base.update(repeating: 3, count: scales.count)
    counts.base.update(repeating: 2, count: counts.count)
    biases.base.update(repeating: ck_bias(mean: 0, count: 0), count: biases.count)
    weights.base.update(repeating: 0.1, count: weights.count)
    moreWeights.base.update(repeating: 0, count: moreWeights.count)
    counters.base.update(repeating: ck_counter(fast: 0, quick: 0), count: counters.count)
  }

  /// Calls `body` for every sample in coding order, the row's pointers set.
  func forEachSample(_ body: (UnsafeMutablePointer<ck_plane>, Int, Int32) -> Void) {
    for y in 0..<Self.height {
      beginRow(y)
      for x in 0..<Self.width { body(plane.base, x, values[y * Self.width + x]) }
    }
  }

  /// Calls `body` for every block of 16 samples.
  func forEachBlock(_ body: (UnsafeMutablePointer<ck_plane>, Int, ArraySlice<Int32>) -> Void) {
    for y in 0..<Self.height {
      beginRow(y)
      for x in Swift.stride(from: 0, to: Self.width, by: 16) {
        body(plane.base, x, values[y * Self.width + x..<y * Self.width + x + 16])
      }
    }
  }

  private func beginRow(_ y: Int) {
    let start = (y + 2) * Self.stride + Self.border
    let row = samples.base + start
    // Six samples to the left, and ten above.
    runs[0] = ck_run(source: row - 6, left: row - 1, above: row - Self.stride, offset: 0)
    runs[1] = ck_run(
      source: row - Self.stride - 4, left: row - 1, above: row - Self.stride, offset: 6)
    plane.base.pointee.sample = row
    plane.base.pointee.error = errors.base + start
    let lanes = laneErrors.base + (y + 2) * Self.laneStride + Self.border * Self.lanes
    plane.base.pointee.lane_errors = lanes
    plane.base.pointee.lane_errors_above = UnsafePointer(lanes - Self.laneStride)
    plane.base.pointee.lane_errors_above2 = UnsafePointer(lanes - 2 * Self.laneStride)
  }
}
