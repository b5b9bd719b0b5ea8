/// What options of cwebp, cjxl, avifenc, zstd and their relatives are called here.
enum ForeignOption {
  /// What to say to somebody who gave this option, without dashes; nil where it is none of theirs.
  ///
  /// The names on the right are those of options that at least one command has.
  static func hint(_ name: String) -> Hint? {
    let plain = name.replacing("_", with: "-")
    if let level = Int(plain), 0...22 ~= level {
      return .option("--effort", "--effort \(max(1, min(level, 9)))")
    }
    return hints[plain]
  }

  enum Hint: Equatable {
    /// An option that does the same, and how to write it.
    case option(_ name: String, _ example: String)
    /// There is no such option, and this says why none is needed.
    case fact(String)
  }

  private static let effort = Hint.option("--effort", "--effort 1 (fast) to 9 (small)")
  private static let jobs = Hint.option("--jobs", "--jobs N")
  private static let force = Hint.option("--force", "--force")
  private static let quality = Hint.option("--quality", "--quality 1 (smallest) to 100 (best)")
  private static let distance = Hint.option(
    "--quality", "--quality 1 (smallest) to 100 (best), or --max-error for a bound per sample")
  private static let lossless = Hint.fact("without --quality and its like nothing is lost")
  private static let metadata = Hint.option(
    "--strip-metadata", "--strip-metadata; without it all metadata is kept")
  private static let output = Hint.option("--output", "--output FILE")

  private static let hints: [String: Hint] = [
    "q": quality, "Q": quality, "qcolor": quality, "min": quality, "max": quality,
    "d": distance, "distance": distance, "butteraugli-distance": distance,
    "z": lossless, "lossless": lossless, "l": lossless, "exact": lossless,
    "near-lossless": .option("--max-error", "--max-error 1 to 16"),
    "size": .option("--target-size", "--target-size BYTES"),
    "psnr": .option("--target-psnr", "--target-psnr DECIBELS"),
    "ssimulacra2": .option("--target-ssimulacra2", "--target-ssimulacra2 SCORE"),
    "bpp": .option("--target-bpp", "--target-bpp BITS"),
    "s": effort, "m": effort, "speed": effort, "method": effort, "preset": effort,
    "level": effort, "fast": .option("--effort", "--effort 1"),
    "best": .option("--effort", "--effort 9"), "ultra": .option("--effort", "--effort 9"),
    "t": jobs, "T": jobs, "mt": jobs, "threads": jobs, "num-threads": jobs,
    "workers": jobs,
    "y": force, "overwrite": force,
    "o": output, "out": output, "outfile": output,
    "r": .option("--recursive", "--recursive"), "R": .option("--recursive", "--recursive"),
    "metadata": metadata, "strip": metadata, "strip-all": metadata, "nostrip": metadata,
    "noalpha": .fact("alpha is kept"), "keep": .fact("inputs are always kept"),
    "k": .fact("inputs are always kept"),
    "c": .fact("name - as the output for standard output"),
    "stdout": .fact("name - as the output for standard output"),
    "crop": .option("--region", "--region X,Y,WIDTH,HEIGHT"),
    "silent": .option("--quiet", "--quiet"), "M": .option("--max-memory", "--max-memory BYTES"),
    "memory": .option("--max-memory", "--max-memory BYTES"),
  ]

  /// What other programs call the commands, as a word or as an option.
  static let commands: [String: String] = [
    "encode": "compress", "enc": "compress", "c": "compress", "pack": "compress",
    "convert": "compress", "decode": "decompress", "dec": "decompress", "d": "decompress",
    "x": "decompress", "unpack": "decompress", "extract": "decompress", "restore": "decompress",
    "t": "verify", "test": "verify", "check": "verify", "l": "info", "list": "info",
    "identify": "info", "show": "info", "inspect": "info", "benchmark": "bench", "b": "bench",
    "compare": "bench", "preview": "strip",
  ]
}
