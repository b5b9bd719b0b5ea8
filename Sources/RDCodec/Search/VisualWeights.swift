/// What the search for the eye takes of SSIMULACRA 2.1: opponent colours as linear in the samples as they are at
/// medium grey, and the weights of what is seen at each scale that are not next to nothing.
///
/// Weights are those of ``SSIMULACRA2`` to four digits; those of ringing and blur are halved (docs/decisions/0034).
struct VisualWeights: Sendable {
  /// Of one opponent colour at one scale.
  struct Scale: Sendable {
    /// Of the mean dissimilarity, and of the fourth root of the mean of its fourth power.
    var mean = 0.0
    var fourthPower = 0.0
    /// Of fourth roots too.
    var ringing = 0.0
    var blur = 0.0

    var comparesWindows: Bool { mean > 0 || fourthPower > 0 }
    var comparesEdges: Bool { ringing > 0 || blur > 0 }
  }

  /// X, Y and B − Y of red, green and blue.
  static let opponents: [[Float]] = [
    [0.4171, -0.4171, 0], [0.2257, 0.5596, 0.0664], [-0.0184, -0.3852, 0.4036],
  ]
  /// [colour][scale], from the full size on.
  static let scales: [[Scale]] = [
    [
      Scale(), Scale(fourthPower: 1.104), Scale(fourthPower: 1.842, ringing: 5.72),
      Scale(fourthPower: 1.879, ringing: 5.475), Scale(),
    ],
    [
      Scale(fourthPower: 7.467, blur: 8.725), Scale(fourthPower: 6.684, blur: 0.515),
      Scale(mean: 225.2, fourthPower: 19.21), Scale(mean: 176.4, fourthPower: 24.43),
      Scale(fourthPower: 34.78, ringing: 22.4),
    ],
    [
      Scale(), Scale(), Scale(), Scale(fourthPower: 8.83, ringing: 11.6),
      Scale(mean: 95.1, ringing: 85.5),
    ],
  ]
  static var scaleCount: Int { scales[0].count }
}
