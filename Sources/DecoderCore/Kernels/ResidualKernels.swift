package import CKernels

package typealias KernelPlane = ck_plane
typealias KernelBias = ck_bias
typealias KernelMix = ck_mix
typealias KernelRun = ck_run
package typealias KernelCounter = ck_counter
package typealias KernelRange = ck_range
package typealias KernelSquashed = ck_squashed
package typealias KernelBlock = ck_block

extension KernelISA {
  /// Whether this CPU runs this instruction set.
  package var isAvailable: Bool { ck_isa_is_available(code) != 0 }

  var code: ck_isa {
    switch self {
    case .portable: CK_ISA_PORTABLE
    case .avx2: CK_ISA_AVX2
    case .avx512: CK_ISA_AVX512
    case .wasm: CK_ISA_WASM
    }
  }

  /// The residual coder's kernels; `isAvailable` holds.
  package var residualKernels: ResidualKernels {
    guard let table = ck_residual_kernels_for(code) else {
      preconditionFailure("this CPU does not run \(rawValue)")
    }
    return ResidualKernels(table: table)
  }
}

/// The residual coder's C kernels; `ck_residual.h` says what each does.
package struct ResidualKernels: @unchecked Sendable {
  static let lanes = Int(CK_LANES)
  static let maximumVectors = Int(CK_MAX_VECTORS)
  static let maximumCounters = Int(CK_MAX_COUNTERS)
  static let stretchCount = Int(CK_STRETCH_COUNT)
  static let squashCount = Int(CK_SQUASH_COUNT)
  static let levels = Int(CK_LEVELS)
  static let helperLevels = Int(CK_HELPER_LEVELS)
  static let deltas = Int(CK_DELTAS)
  static let nodes = Int(CK_NODES)
  static let leanCount = Int(CK_LEAN_COUNT)
  static let maximumDecisions = Int(CK_MAX_DECISIONS)

  /// A constant of the C library: shared freely.
  private let table: UnsafePointer<ck_residual_kernels>

  init(table: UnsafePointer<ck_residual_kernels>) { self.table = table }

  /// The table itself, for calls: `kernels.call.solve(…)`.
  @inline(__always)
  var call: ck_residual_kernels { table.pointee }

  /// Places the counters of context `index` for the decisions that follow.
  @inline(__always)
  static func setCounters(
    _ mix: UnsafeMutablePointer<ck_mix>, _ index: Int, _ counters: UnsafeMutablePointer<ck_counter>
  ) {
    ck_mix_counters(mix)[index] = counters
  }
}

/// The arrays inside the structure, which Swift would import as tuples.
extension UnsafeMutablePointer<ck_plane> {
  var rates: UnsafeMutablePointer<Float> { ck_plane_rates(self) }
  var share: UnsafeMutablePointer<Float> { ck_plane_share(self) }
  var features: UnsafeMutablePointer<Float> { ck_plane_features(self) }
  var helpers: UnsafeMutablePointer<UnsafePointer<Float>?> { ck_plane_helpers(self) }
  var expertWeights: UnsafeMutablePointer<UnsafeMutablePointer<Float>?> { ck_plane_weights(self) }
  var counters: UnsafeMutablePointer<UnsafeMutablePointer<ck_counter>?> { ck_plane_counters(self) }
}
