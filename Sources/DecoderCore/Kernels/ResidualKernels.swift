package import CKernels

package typealias KernelPlane = ck_plane
typealias KernelBias = ck_bias
typealias KernelMixer = ck_mixer
typealias KernelLogistic = ck_logistic
typealias KernelRun = ck_run
package typealias KernelCounter = ck_counter
package typealias KernelSquashed = ck_squashed
package typealias KernelBlock = ck_block
typealias KernelLevelModels = ck_level_models
typealias KernelLevelBlock = ck_level_block

extension KernelISA {
  /// The residual coder's kernels; `isAvailable` holds.
  package var residualKernels: ResidualKernels {
    guard let table = ck_residual_kernels_for(code), let mixing = ck_mixing_kernels_for(code),
      let level = ck_level_kernels_for(code)
    else { preconditionFailure("this CPU does not run \(name)") }
    return ResidualKernels(
      table: table, mixingTable: mixing, levelTable: level, wavefront: wavefrontKernels)
  }
}

/// The residual coder's C kernels; `ck_residual.h` says what each does.
package struct ResidualKernels: @unchecked Sendable {
  static let lanes = Int(CK_LANES)
  static let maximumVectors = Int(CK_MAX_VECTORS)
  static let stretchCount = Int(CK_STRETCH_COUNT)
  static let squashCount = Int(CK_SQUASH_COUNT)
  static let levels = Int(CK_LEVELS)
  static let helperLevels = Int(CK_HELPER_LEVELS)
  static let deltas = Int(CK_DELTAS)
  static let nodes = Int(CK_NODES)
  static let symbolStartCount = Int(CK_SYMBOL_START_COUNT)
  static let maximumDecisions = Int(CK_MAX_DECISIONS)

  // Constants of the C library: shared freely.
  fileprivate let table: UnsafePointer<ck_residual_kernels>
  fileprivate let mixingTable: UnsafePointer<ck_mixing_kernels>
  fileprivate let levelTable: UnsafePointer<ck_level_kernels>

  /// Those of eight rows at a time.
  let wavefront: WavefrontKernels

  /// The table itself, for calls: `kernels.call.solve(…)`.
  @inline(__always)
  var call: ck_residual_kernels { table.pointee }

  /// Those of decisions mixed from counters alone (`ck_mixing.h`).
  @inline(__always)
  var mixing: ck_mixing_kernels { mixingTable.pointee }

  /// Those of JPEG files' levels (`ck_levels.h`).
  @inline(__always)
  var level: ck_level_kernels { levelTable.pointee }
}

/// The arrays inside the structure, which Swift would import as tuples.
extension UnsafeMutablePointer<ck_plane> {
  var rates: UnsafeMutablePointer<Float> { ck_plane_rates(self) }
  var laneWeights: UnsafeMutablePointer<Float> { ck_plane_lane_weights(self) }
  var features: UnsafeMutablePointer<Float> { ck_plane_features(self) }
  var helpers: UnsafeMutablePointer<UnsafePointer<Float>?> { ck_plane_helpers(self) }
  var expertWeights: UnsafeMutablePointer<UnsafeMutablePointer<Float>?> { ck_plane_weights(self) }
  var counters: UnsafeMutablePointer<UnsafeMutablePointer<ck_counter>?> { ck_plane_counters(self) }
}
