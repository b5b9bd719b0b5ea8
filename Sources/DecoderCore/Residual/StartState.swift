internal import CKernels

/// What the adaptive models of a photograph's planes start from, learned from other photographs.
///
/// For 4 and then for 8 contexts, for the first, second and third colour plane in the order of
/// coding: mixing weights [level][node][counters, then lanes], then NLMS weights. As bytes they
/// are signed 64ths.
package final class StartState: @unchecked Sendable {
  package static let planeCount = 3
  static let contextCounts = [4, 8]
  /// The number of regressors of each plane that the NLMS weights are for.
  static let orders = [16, 24, 32]
  private static let unit: Float = 64

  /// The state that the codec ships with.
  package static let shipped: StartState = {
    let shipped = StartState()
    precondition(
      ck_start_state_size() == shipped.values.count, "the start state does not fit these models")
    for place in 0..<shipped.values.count {
      shipped.values[place] = Float(ck_start_state()[place]) / unit
    }
    return shipped
  }()

  /// Written while it is made or trained, by one thread.
  private let values: Buffer<Float>

  private init() {
    values = Buffer(
      zeroed: Self.contextCounts.reduce(0) {
        $0 + Self.planeCount * Self.planeSize(contextCount: $1)
      })
  }

  package init(copying other: StartState) {
    values = Buffer(zeroed: other.values.count)
    values.base.update(from: other.values.base, count: values.count)
  }

  /// The number of mixing weights of one plane.
  static func weightCount(contextCount: Int) -> Int {
    ResidualKernels.levels * ResidualKernels.nodes * (ResidualKernels.lanes + 2 * contextCount)
  }

  private static func planeSize(contextCount: Int) -> Int {
    weightCount(contextCount: contextCount) + 8 * ResidualKernels.maximumVectors
  }

  /// The state of a plane's models: its mixing weights, then its NLMS weights.
  package func plane(_ plane: Int, _ profile: ResidualProfile) -> UnsafeMutablePointer<Float> {
    let contextCount = profile.contextCount
    precondition(plane < Self.planeCount && Self.contextCounts.contains(contextCount))
    var place = values.base
    for earlier in Self.contextCounts where earlier < contextCount {
      place += Self.planeCount * Self.planeSize(contextCount: earlier)
    }
    return place + plane * Self.planeSize(contextCount: contextCount)
  }

  /// The NLMS weights of a plane's models, if they are for as many regressors.
  func gradients(
    _ plane: Int, _ profile: ResidualProfile, order: Int
  ) -> UnsafeMutablePointer<Float>? {
    guard order == Self.orders[plane] else { return nil }
    return self.plane(plane, profile) + Self.weightCount(contextCount: profile.contextCount)
  }

  /// The state as it ships.
  package func bytes() -> [Int8] {
    (0..<values.count).map { Int8(max(-127, min(127, (values[$0] * Self.unit).rounded()))) }
  }
}
