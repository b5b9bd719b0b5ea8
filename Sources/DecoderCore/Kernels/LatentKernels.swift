package import CKernels

package typealias KernelLatents = ck_latents
package typealias KernelLatentPlace = ck_latent_place
package typealias KernelLatentTables = ck_latent_tables
package typealias KernelLatentSet = ck_latent_set
package typealias KernelLatentLayout = ck_latent_layout
package typealias KernelNeighbours = ck_neighbours

extension KernelLatentLayout {
  package init(latentsOf shape: ModelShape) {
    self = withUnsafePointer(to: ck_latent_shape(shape)) { ck_latent_layout_of($0) }
  }

  package init(hyperlatentsOf shape: ModelShape) {
    self = withUnsafePointer(to: ck_latent_shape(shape)) { ck_hyperlatent_layout_of($0) }
  }
}

extension ck_latent_shape {
  fileprivate init(_ shape: ModelShape) {
    self.init(
      latents: UInt32(shape.latents), groups: UInt32(shape.groups.count),
      hyperlatents: UInt32(shape.hyperlatents))
  }
}

extension KernelISA {
  /// The kernels that code latents; `isAvailable` holds.
  package var latentKernels: LatentKernels {
    guard let table = ck_latent_kernels_for(code) else {
      preconditionFailure("this CPU does not run \(name)")
    }
    return LatentKernels(table: table)
  }
}

/// The C kernels that code latents; `ck_latent.h` says what each does.
package struct LatentKernels: @unchecked Sendable {
  package static let scales = Int(CK_LATENT_SCALES)
  /// Scales below this are coded together.
  package static let lowScaleCount = Int(CK_LATENT_LOW_SCALES)
  /// What a model's shape may have at most: channels of a group or of hyperlatents, groups,
  /// neighbours of an expert and its hidden features.
  package static let channels = Int(CK_LATENT_CHANNELS)
  package static let groups = Int(CK_LATENT_GROUPS)
  package static let neighbours = Int(CK_LATENT_NEIGHBOURS)
  package static let expertWidth = Int(CK_EXPERT_HIDDEN)
  /// Neighbours that contexts see: the first ones.
  package static let contextNeighbours = Int(CK_CONTEXT_NEIGHBOURS)
  /// How far, in positions, a neighbour may lie.
  package static let reach = Int(CK_LATENT_REACH)
  package static let buckets = Int(CK_LATENT_BUCKETS)
  package static let nodes = Int(CK_LATENT_NODES)
  package static let decisions = Int(CK_LATENT_DECISIONS)

  /// A constant of the C library: shared freely.
  private let table: UnsafePointer<ck_latent_kernels>

  package init(table: UnsafePointer<ck_latent_kernels>) { self.table = table }

  /// The table itself, for calls.
  @inline(__always)
  package var call: ck_latent_kernels { table.pointee }

  /// A set of weights that repeats the prior's odds, where two sets are added.
  package static let startSet: KernelLatentSet = {
    var set = KernelLatentSet()
    set.weights.0 = 0.5
    set.rate = 0.02
    return set
  }()
}
