internal import CKernels
internal import Entropy

/// The models that levels of one band are coded under, block after block (docs/FORMAT.md §13.6).
///
/// A block's 49 inner levels come first, after their number; then the first row and the first
/// column, which the blocks beside predict by continuity; last the mean, predicted from the
/// samples on both sides of the edges.
struct LevelCoder: ~Copyable {
  static let maximumDecisions = Int(CK_LEVEL_MAX_DECISIONS)
  private static let contextCount = Int(CK_LEVEL_CONTEXTS)
  private static let learningRate: Float = 0.001
  private static let cacheLine = 64 / MemoryLayout<KernelCounter>.stride

  private let kernels: ResidualKernels
  private let state = Buffer<KernelLevelModels>(zeroed: 1)
  private let lines: Buffer<KernelCounter>
  private let signs: Buffer<KernelCounter>
  private let weights: Buffer<Float>
  private let start: LevelStart

  /// `sampleCount` bounds the memory.
  init(kernels: ResidualKernels, sampleCount: Int, start: LevelStart = .shipped) {
    self.kernels = kernels
    self.start = start
    let size = Int.bitWidth - sampleCount.leadingZeroBitCount
    let lineBits = min(16, max(10, size - 4))
    let signBits = min(14, max(10, size - 5))
    let lineCount = Self.contextCount << lineBits * Int(CK_LEVEL_LINE)
    lines = Buffer(zeroed: lineCount + Self.cacheLine)
    signs = Buffer(zeroed: Self.contextCount << signBits)
    weights = Buffer(zeroed: start.weights.count)
    weights.base.update(from: start.weights.base, count: weights.count)
    let place = Int(bitPattern: lines.base) / MemoryLayout<KernelCounter>.stride
    let offset = (0 &- place) & (Self.cacheLine - 1)
    state.base.initialize(
      to: KernelLevelModels(
        logistic: MixTables.shared.logistic, lines: lines.base + offset, signs: signs.base,
        line_bits: UInt32(lineBits), sign_bits: UInt32(signBits), weights: weights.base,
        rate: Self.learningRate, starts: start.counters.base, tally: start.tally))
  }

  /// Moves the start's weights by `step` of the way to these.
  func moveStart(by step: Float) {
    for place in 0..<weights.count {
      start.weights[place] += step * (weights[place] - start.weights[place])
    }
  }

  /// Codes the block's levels in place; its lines become those of this block.
  @inline(__always)
  func code<Coder: BinaryCoder & ~Copyable>(
    _ block: UnsafePointer<KernelLevelBlock>, with coder: inout Coder
  ) {
    coder.code { kernels.level.code_block(state.base, block, $0) }
  }
}
