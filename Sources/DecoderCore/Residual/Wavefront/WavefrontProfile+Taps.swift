internal import CKernels

typealias KernelTap = ck_wave_tap

extension WavefrontProfile {
  /// The neighbours that plane number `index` of the colours is predicted from; the first two are
  /// the left and the upper one.
  func taps(colorIndex index: Int, hasPrediction: Bool) -> [KernelTap] {
    let taps =
      switch (neighbors, index) {
      case (.few, 0): Self.own(6)
      case (.few, 1): Self.own(3) + Self.near(3, of: 1)
      case (.few, _): Self.own(3) + Self.near(1, of: 1) + Self.near(3, of: 2)
      case (.some, 0): Self.own(7)
      case (.some, 1): Self.own(4) + Self.near(4, of: 1)
      case (.some, _): Self.own(4) + Self.near(3, of: 1) + Self.near(4, of: 2)
      case (.many, 0): Self.own(10)
      case (.many, 1): Self.own(6) + Self.near(9, of: 1)
      case (.many, _): Self.own(4) + Self.near(6, of: 1) + Self.near(6, of: 2)
      case (.most, 0), (.all, 0): Self.own(12)
      case (.most, 1): Self.own(6) + Self.near(10, of: 1)
      case (.most, _): Self.own(6) + Self.near(6, of: 1) + Self.near(8, of: 2)
      case (.all, 1): Self.own(8) + Self.near(10, of: 1)
      case (.all, _): Self.own(7) + Self.near(6, of: 1) + Self.near(8, of: 2)
      }
    return hasPrediction ? taps + [KernelTap(source: 3, dx: 0, dy: 0)] : taps
  }

  private static func own(_ count: Int) -> [KernelTap] {
    [
      (-1, 0), (0, 1), (-1, 1), (1, 1), (-2, 0), (0, 2), (2, 1), (-2, 1), (1, 2), (-1, 2), (-3, 0),
      (3, 1),
    ].prefix(count).map { KernelTap(source: 0, dx: $0.0, dy: $0.1) }
  }

  private static func near(_ count: Int, of helper: Int8) -> [KernelTap] {
    let near: [(Int8, Int8)] = [(0, 0), (-1, 0), (0, 1), (1, 0), (-1, 1), (1, 1)]
    let far: [(Int8, Int8)] = [(-2, 0), (2, 0), (0, 2), (2, 1)]
    return (near + far).prefix(count).map { KernelTap(source: helper, dx: $0.0, dy: $0.1) }
  }
}
