import RDCodec

/// Another codec that bench compares with, through the tools that its project ships.
struct Peer: Sendable {
  /// How reports call it, with its effort.
  var name: String
  var encoder: String
  var decoder: String
  var fileExtension: String
  /// Samples deeper than this are not given to it.
  var maximumDepth: Int
  /// Quality settings, from the smallest file to the largest; empty for lossless.
  var settings: [Double]
  /// Arguments of the encoder; the setting is nil for lossless.
  var encodeArguments:
    @Sendable (_ input: String, _ output: String, _ setting: Double?, _ jobs: Int) -> [String]
  var decodeArguments: @Sendable (_ input: String, _ output: String) -> [String]

  /// The codecs, at settings that people use, and with the same range of rates as rdcodec.
  static func all(lossless: Bool) -> [Peer] {
    lossless
      ? [webp(lossless: true), jpegXL(lossless: true)]
      : [webp(lossless: false), jpegXL(lossless: false), avif]
  }

  private static func webp(lossless: Bool) -> Peer {
    Peer(
      name: "WebP m6", encoder: "cwebp", decoder: "dwebp", fileExtension: "webp", maximumDepth: 8,
      settings: lossless ? [] : [5, 10, 30, 50, 70, 80, 88, 94],
      encodeArguments: { input, output, setting, _ in
        let mode = setting.map { ["-q", "\($0)"] } ?? ["-lossless", "-exact", "-q", "100"]
        return ["-quiet", "-m", "6"] + mode + [input, "-o", output]
      },
      decodeArguments: { [$0, "-o", $1] })
  }

  private static func jpegXL(lossless: Bool) -> Peer {
    Peer(
      name: "JPEG XL e7", encoder: "cjxl", decoder: "djxl", fileExtension: "jxl",
      maximumDepth: 16, settings: lossless ? [] : [12, 8, 5.5, 3.8, 2.6, 1.8, 1.2, 0.8],
      encodeArguments: { input, output, setting, jobs in
        // No worker threads, or that many.
        let threads = "--num_threads=\(jobs == 1 ? 0 : jobs)"
        return [input, output, "-d", "\(setting ?? 0)", "-e", "7", threads]
      },
      decodeArguments: { [$0, $1] })
  }

  private static let avif = Peer(
    name: "AVIF 4:4:4 s6", encoder: "avifenc", decoder: "avifdec", fileExtension: "avif",
    maximumDepth: 8, settings: [50, 45, 38, 32, 26, 20, 14, 9],
    encodeArguments: { input, output, setting, jobs in
      // A constant quantiser, 63 (worst) to 0: the one control that old and new versions share.
      let level = "cq-level=\(Int(setting ?? 0))"
      return [
        "--min", "0", "--max", "63", "-a", "end-usage=q", "-a", level, "-y", "444", "-s", "6",
        "-j", "\(jobs)", input, output,
      ]
    },
    decodeArguments: { [$0, $1] })
}

/// What another codec made of one image.
struct PeerRecord: Sendable {
  var codec: String
  var file: String
  /// Nil for lossless.
  var setting: Double?
  var pixelCount: Int
  var sampleCount: Int
  var fileBits: Int
  /// As in ``BenchRecord``; nil for lossless.
  var psnr: Double?
  var similarity: Double?
  /// Of the tools, from start to end: they also read and write PNG.
  var encodeSeconds: Double
  var decodeSeconds: Double
}
