internal import CKernels

/// What the adaptive models of a tile's latents or hyperlatents start from: learned from other images
/// and kept in the weights file (docs/FORMAT.md §7), or nothing but the prior's odds.
package final class LatentStart: @unchecked Sendable {
  /// Weights of a set.
  package static let inputs = 16
  /// How often a counter that was learned counts as having seen a decision.
  package static let age: Int16 = 12
  /// A weight of 1.
  private static let unit: Float = 4096
  /// The first step of weights that were learned; docs/FORMAT.md §8.4.
  package static let learnedRate: Float = 0.004

  package let layout: LatentLayout
  // Written in initialisers and by a trainer, by one thread.
  /// Counters, signs, flags.
  package let counters: Buffer<KernelCounter>
  /// Sets, then those of flags, then those of channels.
  package let sets: Buffer<KernelLatentSet>

  /// Nothing learned.
  package init(_ layout: LatentLayout) {
    self.layout = layout
    counters = Buffer(zeroed: layout.counterCount)
    sets = Buffer(repeating: LatentKernels.startSet, count: layout.setCount)
    for index in layout.setCount - layout.channelSets..<layout.setCount {
      sets[index].weights.0 = 0
    }
  }

  /// From a weights file: counters as distances from ½ in 2⁻¹⁶, then weights.
  package init(_ layout: LatentLayout, values: [Int16]) throws(CodecError) {
    guard values.count == layout.valueCount else { throw .corrupt(field: "model start", at: 0) }
    self.layout = layout
    counters = Buffer(zeroed: layout.counterCount)
    sets = Buffer(zeroed: layout.setCount)
    for index in 0..<layout.counterCount {
      counters[index] = KernelCounter(learned: values[index], age: Self.age)
    }
    for index in 0..<layout.setCount {
      var set = KernelLatentSet()
      set.rate = Self.learnedRate
      withUnsafeMutableBytes(of: &set.weights) { bytes in
        let weights = bytes.assumingMemoryBound(to: Float.self)
        for input in 0..<Self.inputs {
          let value = values[layout.counterCount + index * Self.inputs + input]
          weights[input] = Float(value) / Self.unit
        }
      }
      sets[index] = set
    }
  }

  /// The state as a weights file holds it.
  package func values() -> [Int16] {
    var values = (0..<layout.counterCount).map { counters[$0].fast }
    values.reserveCapacity(layout.valueCount)
    for index in 0..<layout.setCount {
      withUnsafeBytes(of: sets[index].weights) { bytes in
        for weight in bytes.assumingMemoryBound(to: Float.self) {
          values.append(Int16(min(max(weight * Self.unit, -32767), 32767).rounded()))
        }
      }
    }
    return values
  }
}
