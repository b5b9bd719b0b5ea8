import CommandSupport

/// Another codec that bench compares with, through the tools that its project ships.
struct Peer: Sendable {
  /// How reports call it, with its effort.
  var name: String
  var encoder: String
  var decoder: String
  /// What makes the encoder print its version.
  var versionArgument: String
  /// Of the files that the encoder reads: "png" or "pnm".
  var inputExtension = "png"
  var fileExtension: String
  /// Of the files that the decoder writes.
  var restoredExtension = "png"
  /// Samples deeper than this are not given to it.
  var maximumDepth: Int
  var keepsAlpha = true
  /// Quality settings, from the smallest file to the largest, the first and last being the ends of
  /// what the encoder has; empty for lossless.
  var ladder: [Double] = []
  /// Whether settings between those of the ladder have to be whole.
  var hasWholeSettings = false
  /// Arguments of the encoder; the setting is nil for lossless. Metadata is left out in words where
  /// the encoder has words for it.
  var encodeArguments:
    @Sendable (_ input: String, _ output: String, _ setting: String?, _ jobs: Int) -> [String]
  var decodeArguments: @Sendable (_ input: String, _ output: String, _ jobs: Int) -> [String]

  /// The codecs, at efforts that people use. Of several for one format the first whose tools are
  /// there is taken.
  static func all(lossless: Bool) -> [[Peer]] {
    lossless
      ? [[webp(lossless: true)], [jpegXL(lossless: true)]]
      : [[jpegli, jpeg], [webp(lossless: false)], [jpegXL(lossless: false)], [avif]]
  }

  /// A setting as the encoder reads it.
  func text(_ setting: Double) -> String {
    hasWholeSettings || setting == setting.rounded() ? "\(Int(setting))" : "\(setting)"
  }

  private static func webp(lossless: Bool) -> Peer {
    Peer(
      name: "WebP m6", encoder: "cwebp", decoder: "dwebp", versionArgument: "-version",
      fileExtension: "webp", maximumDepth: 8,
      ladder: lossless
        ? [] : [0, 5, 10, 20, 30, 40, 50, 60, 70, 78, 84, 88, 92, 95, 98, 100],
      encodeArguments: { input, output, setting, jobs in
        let mode = setting.map { ["-q", $0] } ?? ["-lossless", "-exact", "-q", "100"]
        return ["-quiet", "-m", "6", "-metadata", "none"] + mode + (jobs > 1 ? ["-mt"] : [])
          + [input, "-o", output]
      },
      decodeArguments: { input, output, jobs in
        ["-quiet"] + (jobs > 1 ? ["-mt"] : []) + [input, "-o", output]
      })
  }

  private static func jpegXL(lossless: Bool) -> Peer {
    Peer(
      name: "JPEG XL e7", encoder: "cjxl", decoder: "djxl", versionArgument: "--version",
      fileExtension: "jxl", maximumDepth: 16,
      // From 20 on cjxl halves the picture first, and the file may be larger than at 19.
      ladder: lossless
        ? []
        : [19, 15, 12, 9, 7, 5.5, 4.2, 3.2, 2.5, 1.9, 1.4, 1, 0.7, 0.5, 0.3, 0.2, 0.1],
      encodeArguments: { input, output, setting, jobs in
        // No worker threads, or that many.
        [input, output, "-d", setting ?? "0", "-e", "7", "--num_threads=\(jobs == 1 ? 0 : jobs)"]
      },
      // 0 means none to new versions and all to old ones.
      decodeArguments: { [$0, $1, "--num_threads=\($2)"] })
  }

  private static let avif = Peer(
    name: "AVIF 4:4:4 s6", encoder: "avifenc", decoder: "avifdec", versionArgument: "--version",
    fileExtension: "avif", maximumDepth: 8,
    ladder: [63, 60, 56, 51, 46, 41, 36, 31, 26, 21, 16, 12, 8, 5, 2], hasWholeSettings: true,
    encodeArguments: { input, output, setting, jobs in
      // A constant quantiser, 63 (worst) to 0: the one control that old and new versions share.
      [
        "--min", "0", "--max", "63", "-a", "end-usage=q", "-a", "cq-level=\(setting ?? "0")",
        "-y", "444", "-s", "6", "--ignore-exif", "--ignore-xmp", "--ignore-icc",
        "-j", "\(jobs)", input, output,
      ]
    },
    decodeArguments: { ["-j", "\($2)", $0, $1] })

  private static let jpeg = Peer(
    name: "JPEG 4:2:0", encoder: "cjpeg", decoder: "djpeg", versionArgument: "-version",
    inputExtension: "pnm", fileExtension: "jpg", restoredExtension: "pnm", maximumDepth: 8,
    keepsAlpha: false, ladder: [1, 3, 6, 10, 16, 24, 34, 46, 58, 68, 76, 83, 88, 92, 95, 98, 100],
    hasWholeSettings: true,
    encodeArguments: { input, output, setting, _ in
      [
        "-quality", setting ?? "100", "-sample", "2x2", "-optimize", "-progressive", "-outfile",
        output, input,
      ]
    },
    decodeArguments: { input, output, _ in ["-pnm", "-outfile", output, input] })

  /// The encoder of JPEG files that came with JPEG XL.
  private static let jpegli = Peer(
    name: "JPEG by jpegli", encoder: "cjpegli", decoder: "djpegli", versionArgument: "--version",
    fileExtension: "jpg", maximumDepth: 8, keepsAlpha: false,
    ladder: [1, 3, 6, 10, 16, 24, 34, 46, 58, 68, 76, 83, 88, 92, 95, 98, 100],
    hasWholeSettings: true,
    encodeArguments: { input, output, setting, _ in [input, output, "-q", setting ?? "100"] },
    decodeArguments: { input, output, _ in [input, output] })
}
