package import CKernels

package typealias KernelLatents = ck_latents
package typealias KernelLatentPlace = ck_latent_place
package typealias KernelLatentTables = ck_latent_tables
package typealias KernelLatentSet = ck_latent_set

extension KernelISA {
  /// The kernels that code latents; `isAvailable` holds.
  var latentKernels: LatentKernels {
    guard let table = ck_latent_kernels_for(code) else {
      preconditionFailure("this CPU does not run \(rawValue)")
    }
    return LatentKernels(table: table)
  }
}

/// The C kernels that code latents; `ck_latent.h` says what each does.
package struct LatentKernels: @unchecked Sendable {
  static let scales = Int(CK_LATENT_SCALES)
  /// Scales below this are coded together.
  static let quiet = Int(CK_LATENT_QUIET)
  /// Neighbours that the latents' expert sees.
  static let neighbours = Int(CK_LATENT_NEIGHBOURS)
  /// Neighbours and hidden features of the hyperlatents' expert.
  static let hyperlatentNeighbours = Int(CK_HYPERLATENT_NEIGHBOURS)
  static let hyperlatentHidden = Int(CK_HYPERLATENT_HIDDEN)
  static let buckets = Int(CK_LATENT_BUCKETS)
  static let nodes = Int(CK_LATENT_NODES)
  package static let decisions = Int(CK_LATENT_DECISIONS)
  static let counters = Int(CK_LATENT_COUNTERS)
  static let signs = Int(CK_LATENT_SIGNS)
  static let flags = Int(CK_LATENT_FLAGS)
  static let sets = Int(CK_LATENT_SETS)
  static let flagSets = Int(CK_LATENT_FLAG_SETS)
  static let channelSets = Int(CK_LATENT_CHANNEL_SETS)
  static let hyperlatentCounters = Int(CK_HYPERLATENT_COUNTERS)
  static let hyperlatentSets = Int(CK_HYPERLATENT_SETS)

  /// A constant of the C library: shared freely.
  private let table: UnsafePointer<ck_latent_kernels>

  init(table: UnsafePointer<ck_latent_kernels>) { self.table = table }

  /// The table itself, for calls.
  @inline(__always)
  package var call: ck_latent_kernels { table.pointee }

  /// A set of weights that repeats the prior's odds, where two sets are added.
  static let startSet: KernelLatentSet = {
    var set = KernelLatentSet()
    set.weights.0 = 0.5
    set.rate = 0.02
    return set
  }()
}
