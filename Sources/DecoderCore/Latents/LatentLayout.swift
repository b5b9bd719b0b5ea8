internal import CKernels

/// Sizes and places of the adaptive models' tables of latents or of hyperlatents, from a model's shape;
/// `ck_latent_layout.h` lists the tables.
package struct LatentLayout: Sendable, Equatable {
  package let kernel: KernelLatentLayout
  /// Symbols of a position.
  package let channels: Int
  /// What a position sees of others: of latents for each half of the checkerboard.
  package let neighbours: [[ModelShape.Offset]]
  /// Sets that are added to the others where there is an expert: they start at zero.
  package let channelSets: Int

  /// Of latents.
  package static func latents(_ shape: ModelShape, hasExpert: Bool) -> LatentLayout {
    let kernel = KernelLatentLayout(latentsOf: shape)
    return LatentLayout(
      kernel: kernel, channels: shape.latents,
      neighbours: [shape.firstNeighbours, shape.secondNeighbours],
      channelSets: hasExpert ? Int(kernel.channel_set_count) : 0)
  }

  package static func hyperlatents(_ shape: ModelShape) -> LatentLayout {
    LatentLayout(
      kernel: KernelLatentLayout(hyperlatentsOf: shape), channels: shape.hyperlatents,
      neighbours: [shape.hyperlatentNeighbours], channelSets: 0)
  }

  /// Counters of magnitudes, which come first, then of signs, then of flags.
  package var magnitudes: Int { Int(kernel.magnitude_count) }
  package var signs: Int { Int(kernel.sign_count) }
  package var counterCount: Int { magnitudes + signs + Int(kernel.flag_count) }
  /// Sets of magnitudes and signs, which come first, then of flags, then of channels.
  package var sets: Int { Int(kernel.set_count) }
  package var flagSets: Int { Int(kernel.flag_set_count) }
  package var setCount: Int { sets + flagSets + channelSets }
  /// Values in a weights file.
  package var valueCount: Int { counterCount + setCount * LatentStart.inputs }

  package static func == (a: LatentLayout, b: LatentLayout) -> Bool {
    a.channels == b.channels && a.neighbours == b.neighbours && a.counterCount == b.counterCount
      && a.setCount == b.setCount
  }
}
