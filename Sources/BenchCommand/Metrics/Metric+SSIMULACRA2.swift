import RDCodec

extension Metric {
  static let ssimulacra2 = Metric(
    key: "ssimulacra2", name: "SSIMULACRA 2", decimals: 2,
    curve: Curve(
      key: "ssimulacra2", heading: "SSIMULACRA 2", explanation: "SSIMULACRA&nbsp;2.1",
      level: { $0 }),
    value: { SSIMULACRA2.score($0, $1) })
}
