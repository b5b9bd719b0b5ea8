internal import CKernels

/// Windowed least squares: for each block of a row, weights fitted to the samples before.
///
/// Each block's normal equations are summed, then spread along the row and down the rows with
/// geometric weights, once per window. From the rows above alone, eight neighbouring blocks are
/// solved together when the row first needs one of them; with what lies to the left in the row
/// itself, block after block.
struct LeastSquares: ~Copyable {
  /// Ridge, in squared steps of an 8-bit sample; tuned on photographs.
  private static let ridge: Float = 0.4

  private let kernels: ResidualKernels
  private let windows: [(across: Float, down: Float)]
  let windowCount: Int
  /// ⌊log₂⌋ of a block's width, a power of two.
  private let blockShift: Int
  private let blockCount: Int
  private let order: Int
  private let vectors: Int
  private let stride: Int
  private let usesRow: Bool
  private let sums: Buffer<Float>
  private let spread: Buffer<Float>
  /// Weights of each window and block; of each window alone where blocks are solved one by one.
  private let weights: Buffer<Float>
  /// Each window's sums to the left, and its equations for the block at hand.
  private let left: Buffer<Float>
  private let equations: Buffer<Float>
  /// The current block's samples.
  private let features: Buffer<Float>
  private let targets: Buffer<Float>
  private let importance: Buffer<Float>
  private var block = 0
  private var pending = 0
  private var isRowEmpty = true
  /// The blocks that ``weights`` are for: eight, or one.
  private var solvedGroup = -1

  init(
    kernels: ResidualKernels, profile: ResidualProfile, width: Int, order: Int, vectors: Int
  ) {
    self.kernels = kernels
    self.order = order
    self.vectors = vectors
    windows = profile.windows
    windowCount = profile.windows.count
    usesRow = profile.solvesInRow
    blockShift = profile.blockWidth.trailingZeroBitCount
    blockCount = (width + profile.blockWidth - 1) >> blockShift
    stride = 8 * (4 * vectors * (vectors + 1) + vectors)
    sums = Buffer(zeroed: blockCount * stride)
    spread = Buffer(zeroed: windows.count * blockCount * stride)
    weights = Buffer(zeroed: windows.count * (usesRow ? 1 : blockCount) * 8 * vectors)
    left = Buffer(zeroed: usesRow ? windows.count * stride : 0)
    equations = Buffer(zeroed: usesRow ? windows.count * stride : 0)
    features = Buffer(zeroed: profile.blockWidth * 8 * vectors)
    targets = Buffer(zeroed: profile.blockWidth)
    importance = Buffer(zeroed: profile.blockWidth)
  }

  /// The weights of `window` for the block of column `x`; ``prepare(_:)`` came before.
  @inline(__always)
  func weights(window: Int, at x: Int) -> UnsafeMutablePointer<Float> {
    let place = usesRow ? window : window &* blockCount &+ (x &>> blockShift)
    return weights.base + place &* 8 &* vectors
  }

  /// Solves for the block of column `x`, unless that is done.
  @inline(__always)
  mutating func prepare(_ x: Int) {
    let next = x &>> blockShift
    if next != block { closeBlock(next: next) }
    let group = usesRow ? next : next &>> 3
    if group != solvedGroup { usesRow ? solveInRow(next) : solve(group) }
  }

  private mutating func solve(_ group: Int) {
    solvedGroup = group
    let first = group * 8
    for window in windows.indices {
      let place = window * blockCount + first
      kernels.call.solve(
        spread.base + place * stride, min(8, blockCount - first), order, vectors, Self.ridge,
        weights.base + place * 8 * vectors)
    }
  }

  /// Solves all windows of one block together.
  private mutating func solveInRow(_ next: Int) {
    for (index, window) in windows.enumerated() {
      let run = left.base + index * stride
      let above = spread.base + index * blockCount * stride
      if solvedGroup < 0 { run.update(repeating: 0, count: stride) }
      // Blocks that were skipped have no sums of their own, and let the others fade.
      for passed in max(solvedGroup, 0)..<max(next, 1) {
        guard passed < next else {
          equations.base.advanced(by: index * stride).update(from: above, count: stride)
          continue
        }
        kernels.call.advance(
          sums.base + passed * stride, above + (passed + 1) * stride, vectors, window.across, run,
          equations.base + index * stride)
      }
    }
    solvedGroup = next
    kernels.call.solve(
      equations.base, windows.count, order, vectors, Self.ridge, weights.base)
  }

  /// Adds a sample of the block that was prepared; columns come in ascending order.
  @inline(__always)
  mutating func add(
    features f: UnsafePointer<Float>, target: Float, importance weight: Float
  ) {
    (features.base + pending &* 8 &* vectors).update(from: f, count: 8 &* vectors)
    targets[pending] = target
    importance[pending] = weight
    pending &+= 1
  }

  /// Where kernels put the samples of the block that was prepared.
  var room: KernelBlock {
    KernelBlock(features: features.base, targets: targets.base, importance: importance.base)
  }

  /// Adds the samples that kernels put there.
  mutating func add(count: Int) { pending = count }

  private mutating func closeBlock(next: Int) {
    let place = sums.base + block * stride
    if pending > 0 {
      kernels.call.accumulate(features.base, targets.base, importance.base, pending, vectors, place)
      isRowEmpty = false
    } else {
      place.update(repeating: 0, count: stride)
    }
    pending = 0
    for skipped in block + 1..<max(block + 1, next) {
      (sums.base + skipped * stride).update(repeating: 0, count: stride)
    }
    block = next
  }

  /// Carries the row's sums into the windows; a row without samples leaves them as they are.
  mutating func endRow() {
    closeBlock(next: blockCount)
    if !isRowEmpty {
      for (index, window) in windows.enumerated() {
        kernels.call.spread(
          sums.base, blockCount, vectors, window.across, window.down,
          spread.base + index * blockCount * stride)
      }
    }
    block = 0
    isRowEmpty = true
    solvedGroup = -1
  }
}
