package import CKernels

/// What the adaptive models of a tile's latents or hyperlatents start from: learned from other images
/// and kept in the weights file (docs/FORMAT.md §7), or nothing but the prior's odds.
package final class LatentStart: @unchecked Sendable {
  /// The sizes of the tables.
  package struct Shape: Sendable, Equatable {
    var counters: Int
    var signs: Int
    var flags: Int
    var sets: Int
    var flagSets: Int
    /// Added to the others: they start at zero.
    var channelSets = 0

    /// Of latents without an expert.
    static let plainLatents = Shape(
      counters: LatentKernels.counters * LatentKernels.nodes, signs: LatentKernels.signs,
      flags: LatentKernels.flags, sets: LatentKernels.sets, flagSets: LatentKernels.flagSets)
    static let latents: Shape = {
      var shape = plainLatents
      shape.channelSets = LatentKernels.channelSets
      return shape
    }()
    static let hyperlatents = Shape(
      counters: LatentKernels.hyperlatentCounters * LatentKernels.nodes, signs: 0, flags: 0,
      sets: LatentKernels.hyperlatentSets, flagSets: 0)

    var counterCount: Int { counters + signs + flags }
    var setCount: Int { sets + flagSets + channelSets }
    var valueCount: Int { counterCount + setCount * LatentStart.inputs }
  }

  /// Weights of a set.
  package static let inputs = 16
  /// How often a counter that was learned counts as having seen a decision.
  package static let age: Int16 = 12
  /// A weight of 1.
  private static let unit: Float = 4096
  /// The first step of weights that were learned; docs/FORMAT.md §8.4.
  package static let learnedRate: Float = 0.004

  let shape: Shape
  // Written in initialisers and by a trainer, by one thread.
  /// Counters, signs, flags.
  package let counters: Buffer<KernelCounter>
  /// Sets, then those of flags, then those of channels.
  package let sets: Buffer<KernelLatentSet>

  /// Nothing learned.
  init(_ shape: Shape) {
    self.shape = shape
    counters = Buffer(zeroed: shape.counterCount)
    sets = Buffer(repeating: LatentKernels.startSet, count: shape.setCount)
    for index in shape.setCount - shape.channelSets..<shape.setCount {
      sets[index].weights.0 = 0
    }
  }

  /// From a weights file: counters as distances from ½ in 2⁻¹⁶, then weights.
  init(_ shape: Shape, values: [Int16]) throws(CodecError) {
    guard values.count == shape.valueCount else { throw .corrupt(field: "model start", at: 0) }
    self.shape = shape
    counters = Buffer(zeroed: shape.counterCount)
    sets = Buffer(zeroed: shape.setCount)
    for index in 0..<shape.counterCount {
      counters[index] = KernelCounter(learned: values[index], age: Self.age)
    }
    for index in 0..<shape.setCount {
      var set = KernelLatentSet()
      set.rate = Self.learnedRate
      withUnsafeMutableBytes(of: &set.weights) { bytes in
        let weights = bytes.assumingMemoryBound(to: Float.self)
        for input in 0..<Self.inputs {
          let value = values[shape.counterCount + index * Self.inputs + input]
          weights[input] = Float(value) / Self.unit
        }
      }
      sets[index] = set
    }
  }

  /// The state as a weights file holds it.
  package func values() -> [Int16] {
    var values = (0..<shape.counterCount).map { counters[$0].fast }
    values.reserveCapacity(shape.valueCount)
    for index in 0..<shape.setCount {
      withUnsafeBytes(of: sets[index].weights) { bytes in
        for weight in bytes.assumingMemoryBound(to: Float.self) {
          values.append(Int16(min(max(weight * Self.unit, -32767), 32767).rounded()))
        }
      }
    }
    return values
  }
}
