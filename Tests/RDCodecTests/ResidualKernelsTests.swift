import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// Every instruction set's kernels against the portable ones, bit for bit.
@Suite struct ResidualKernelsTests {
  private static let reference = KernelISA.portable.residualKernels
  private static let others = KernelISA.all.filter(\.isAvailable).map(\.residualKernels)

  private func noise(_ count: Int, seed: UInt64) -> [Float] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in Float.random(in: -50...50, using: &random) }
  }

  private func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }

  /// The packed normal equations of random samples, per block.
  private func sums(_ kernels: ResidualKernels, vectors: Int, blocks: Int) -> [Float] {
    let stride = 8 * (4 * vectors * (vectors + 1) + vectors)
    var result: [Float] = []
    for block in 0..<blocks {
      let count = block % 8 + 1
      var sums = [Float](repeating: 0, count: stride)
      kernels.call.accumulate(
        noise(count * 8 * vectors, seed: UInt64(block)), noise(count, seed: 7),
        noise(count, seed: 8).map(abs), count, vectors, &sums)
      result += sums
    }
    return result
  }

  @Test(arguments: 1...5, [1, 2, 7, 8, 9, 31])
  func leastSquaresIsTheSame(vectors: Int, blocks: Int) {
    func solve(_ kernels: ResidualKernels) -> [Float] {
      let equations = sums(kernels, vectors: vectors, blocks: blocks)
      var window = noise(equations.count, seed: 3).map { $0 * 1e-3 }
      kernels.call.spread(equations, blocks, vectors, 0.8, 0.7, &window)
      let solved = min(blocks, 8)
      var weights = [Float](repeating: 0, count: solved * 8 * vectors)
      kernels.call.solve(window, solved, 8 * vectors - 3, vectors, 0.4, &weights)
      return window + weights
    }
    let expected = bits(solve(Self.reference))
    for kernels in Self.others { #expect(bits(solve(kernels)) == expected) }
  }

  /// Every symbol of a distribution has a part of 2²⁴, and a decoder finds it.
  @Test func symbolsShareTheWhole() {
    func table(_ kernels: ResidualKernels) -> [UInt32] {
      var starts = [UInt32](repeating: 0, count: ResidualKernels.symbolStartCount)
      kernels.call.fill_symbol_starts(&starts)
      return starts
    }
    let starts = table(Self.reference)
    for kernels in Self.others { #expect(table(kernels) == starts) }
    for first in stride(from: 0, to: starts.count, by: 264) {
      let symbols = starts[first...first + 256]
      #expect(symbols.first == 0 && symbols.last == 1 << 24)
      #expect(zip(symbols, symbols.dropFirst()).allSatisfy { $0 < $1 })
    }
  }

  @Test(arguments: 1...5)
  func advancesTheSame(vectors: Int) {
    let stride = 8 * (4 * vectors * (vectors + 1) + vectors)
    func run(_ kernels: ResidualKernels) -> [Float] {
      var left = noise(stride, seed: 7)
      var equations = [Float](repeating: 0, count: stride)
      kernels.call.advance(
        noise(stride, seed: 8), noise(stride, seed: 9), vectors, 0.9, &left, &equations)
      return left + equations
    }
    let expected = bits(run(Self.reference))
    for kernels in Self.others { #expect(bits(run(kernels)) == expected) }
  }

  @Test func solvesARegressionThatFits() {
    let kernels = Self.reference
    let features = noise(16 * 64, seed: 5)
    let truth = noise(13, seed: 6)
    let targets = (0..<64).map { k in
      (0..<13).reduce(Float(0)) { $0 + truth[$1] * features[16 * k + $1] }
    }
    var sums = [Float](repeating: 0, count: 8 * (4 * 2 * 3 + 2))
    kernels.call.accumulate(features, targets, [Float](repeating: 1, count: 64), 64, 2, &sums)
    var weights = [Float](repeating: 0, count: 16)
    kernels.call.solve(sums, 1, 13, 2, 0.01, &weights)
    for k in 0..<13 { #expect(abs(weights[k] - truth[k]) < 0.05) }
    #expect(weights[13...] == [0, 0, 0])
  }

  @Test func tablesAreTheSameAndAccurate() {
    func run(_ kernels: ResidualKernels) -> (stretch: [Float], squash: [Float], coded: [UInt32]) {
      var stretch = [Float](repeating: 0, count: ResidualKernels.stretchCount)
      var squash = [KernelSquashed](
        repeating: KernelSquashed(), count: ResidualKernels.squashCount)
      kernels.mixing.fill_tables(&stretch, &squash)
      return (stretch, squash.map(\.p), squash.map(\.coded))
    }
    let expected = run(Self.reference)
    for kernels in Self.others {
      let tables = run(kernels)
      #expect(bits(tables.stretch) == bits(expected.stretch))
      #expect(bits(tables.squash) == bits(expected.squash))
      #expect(tables.coded == expected.coded)
    }
    // squash(stretch(p)) is p again.
    for index in stride(from: 40, to: 4056, by: 8) {
      let p = (Float(index) + 0.5) / 4096
      let place = Int((expected.stretch[index] + 14) * 256)
      #expect(abs(expected.squash[place] - p) < 0.001)
      #expect(expected.coded[place] == UInt32(expected.squash[place] * 0x1p24))
    }
  }
}
