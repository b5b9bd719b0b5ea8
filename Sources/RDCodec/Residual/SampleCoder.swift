/// Codes a sample as binary decisions, given eight logistic distributions and quantised contexts.
///
/// The first decision is whether the value reaches the rounded estimate; then segments of
/// growing size lead away from it, and bisection ends inside one. Every decision mixes, in the
/// logistic domain, what the distributions say about the current interval and adaptive counters
/// under each context.
struct SampleCoder: ~Copyable {
  /// The place of a decision in the tree, as far as models tell them apart.
  ///
  /// The most frequent ones come first: one cache line of each context's counters.
  private enum Node {
    /// ..< 8, by the estimate's class.
    static let first = 0
    /// ..< 28, by the number of steps; the odd ones lead up.
    static let step = 8
    /// ..< 88, by depth and size; the later half after steps up.
    static let bisection = 28
    static let count = 96
  }

  private static let learningRate: Float = 0.0022

  private let kernels: ResidualKernels
  private let mix: Buffer<KernelMix>
  private let counters: Buffer<KernelCounter>
  private let contextStarts: Buffer<Int>
  /// Two sets of weights are added for every decision, each chosen by a context of its own.
  private let weights: Buffer<Float>
  private let moreWeights: Buffer<Float>
  private let weightStride: Int
  private let high: Int

  /// For values 0 ... high; context k takes values in 0 ..< contextSizes[k].
  init(kernels: ResidualKernels, high: Int, contextSizes: [Int], weightSets: (Int, Int)) {
    self.kernels = kernels
    self.high = high
    let contextCount = contextSizes.count
    precondition(contextCount <= ResidualKernels.maximumCounters)
    mix = MixTables.shared.makeMix(counters: contextCount)
    contextStarts = Buffer(zeroed: contextCount)
    var total = 0
    for (index, size) in contextSizes.enumerated() {
      contextStarts[index] = total
      total += size * Node.count
    }
    counters = Buffer(zeroed: total)
    let lanes = ResidualKernels.lanes
    weightStride = (lanes + 2 * contextCount + 7) / 8 * 8
    moreWeights = Buffer(zeroed: weightSets.1 * Node.count * weightStride)
    weights = Buffer(zeroed: weightSets.0 * Node.count * weightStride)
    for set in 0..<weightSets.0 * Node.count {
      for lane in 0..<lanes { weights[set * weightStride + lane] = 0.11 }
      for k in lanes..<lanes + contextCount { weights[set * weightStride + k] = 0.08 }
    }
  }

  /// Sets context `index` for the next sample.
  @inline(__always)
  func setContext(_ index: Int, _ value: Int) {
    let start = contextStarts[index] &+ value &* Node.count
    ResidualKernels.setCounters(mix.base, index, counters.base + start)
  }

  /// Codes `value`; `estimate` is the rounded mean, `scale` the expected |error|.
  @inline(__always)
  func code<Coder: BinaryCoder & ~Copyable>(
    _ value: Int, estimate: Int, scale: Float, weightSets: (Int, Int),
    lanes: UnsafeMutablePointer<KernelLanes>, with coder: inout Coder
  ) -> Int {
    var tree = Tree(
      low: 0, end: high &+ 1, value: value, kernels: kernels, lanes: lanes, mix: mix.base,
      weights: weights.base + weightSets.0 &* Node.count &* weightStride,
      moreWeights: moreWeights.base + weightSets.1 &* Node.count &* weightStride,
      stride: weightStride)
    kernels.call.open(lanes, 0, Float(high &+ 1))
    let sizeClass = Self.sizeClass(scale)
    var step = 1 &<< sizeClass
    var count = 0
    let isSplit = estimate > 0 && estimate <= high
    let isUp =
      isSplit ? tree.decide(estimate, Node.first &+ min(sizeClass, 7), &coder) : estimate <= 0
    if isUp {
      kernels.call.mirror(lanes, Float(high &+ 1), isSplit ? 1 : 0)
      while tree.low &+ step < tree.end,
        tree.decide(tree.low &+ step, Node.step &+ 2 &* min(count, 9) &+ 1, &coder)
      {
        if count > 0 { step &<<= 1 }
        count &+= 1
      }
    } else {
      while tree.end &- step > tree.low,
        !tree.decide(tree.end &- step, Node.step &+ 2 &* min(count, 9), &coder)
      {
        if count > 0 { step &<<= 1 }
        count &+= 1
      }
    }
    // Deep samples: inside a sixteenth of the expected |error| values are as good as equally
    // likely (5e-4 bits are lost), and what models would learn there is noise.
    let isDeep = high > 1023
    var depth = 0
    while tree.end &- tree.low > 1 {
      let size = tree.end &- tree.low
      let half = isUp ? size &>> 1 : (size &+ 1) &>> 1
      let sizeCode = size <= 2 ? 0 : size <= 4 ? 1 : size <= 8 ? 2 : size <= 16 ? 3 : 4
      let node = Node.bisection &+ (isUp ? 30 : 0) &+ min(depth, 5) &* 5 &+ sizeCode
      if isDeep && size &* 16 <= Int(scale) {
        tree.halve(at: tree.low &+ half, &coder)
      } else {
        _ = tree.decide(tree.low &+ half, node, &coder)
      }
      depth &+= 1
    }
    return tree.low
  }

  /// The interval that a value is known to lie in, and what decisions about it need.
  private struct Tree {
    var low: Int
    var end: Int
    let value: Int
    let kernels: ResidualKernels
    let lanes: UnsafeMutablePointer<KernelLanes>
    let mix: UnsafeMutablePointer<KernelMix>
    let weights: UnsafeMutablePointer<Float>
    let moreWeights: UnsafeMutablePointer<Float>
    let stride: Int

    /// Whether the value is at least `threshold`, which lies inside the interval.
    @inline(__always)
    mutating func decide<Coder: BinaryCoder & ~Copyable>(
      _ threshold: Int, _ node: Int, _ coder: inout Coder
    ) -> Bool {
      let nodeWeights = weights + node &* stride
      let more = moreWeights + node &* stride
      let p = kernels.call.decide(lanes, mix, node, Float(threshold), nodeWeights, more)
      let bit = coder.code(value >= threshold, probability: coderProbability(p))
      kernels.call.learn(lanes, mix, node, bit ? 1 : 0, learningRate, nodeWeights, more)
      if bit { low = threshold } else { end = threshold }
      return bit
    }

    /// The same without a model: both sides are equally likely.
    @inline(__always)
    mutating func halve<Coder: BinaryCoder & ~Copyable>(at threshold: Int, _ coder: inout Coder) {
      let bit = coder.code(value >= threshold, probability: 1 << 23)
      if bit { low = threshold } else { end = threshold }
    }
  }

  /// ⌊log₂⌋ of the first segment's size: about half the expected |error|.
  @inline(__always)
  private static func sizeClass(_ scale: Float) -> Int {
    if scale < 1.6 { return 0 }
    if scale < 3.4 { return 1 }
    var bound: Float = 7
    var result = 2
    while scale >= bound, result < 12 {
      bound += bound + 1
      result &+= 1
    }
    return result
  }
}
