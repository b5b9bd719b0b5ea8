/// Examples at the end of each command's help and in the manual page.
enum HelpExamples {
  struct Example {
    var meaning: String
    var command: String
  }

  /// The examples of a command by its name; "" is the program's own.
  static func of(_ command: String) -> [Example] {
    (examples[command] ?? []).map { Example(meaning: $0.0, command: $0.1) }
  }

  /// The text that follows a command's help, as ArgumentParser lays out sections.
  static func section(_ command: String) -> String {
    let lines = of(command).map { "  \($0.command)\n      \($0.meaning)" }
    return lines.isEmpty ? "" : "\nEXAMPLES:\n\(lines.joined(separator: "\n"))\n"
  }

  private static let examples: [String: [(String, String)]] = [
    "": [
      ("without loss", "rdcodec compress photo.png photo.rdc"),
      ("back again", "rdcodec decompress photo.rdc restored.png"),
      ("all options of a command", "rdcodec help compress"),
    ],
    "compress": [
      ("without loss", "rdcodec compress photo.png photo.rdc"),
      ("smaller, and close to it", "rdcodec compress photo.png small.rdc --quality 60"),
      ("the best that fits", "rdcodec compress photo.png fits.rdc --target-size 100000"),
      ("every sample within 2 steps", "rdcodec compress scan.pgm near.rdc --max-error 2"),
      ("a whole folder", "rdcodec compress pictures --out-dir archive"),
      ("from another program", "convert photo.tif png:- | rdcodec compress - photo.rdc"),
      ("a very large picture", "rdcodec compress map.png map.rdc --max-pixels 1G --effort 1"),
    ],
    "decompress": [
      ("all of it", "rdcodec decompress photo.rdc restored.png"),
      ("the approximation, at once", "rdcodec decompress photo.rdc glance.png --layer preview"),
      ("a part of it", "rdcodec decompress map.rdc part.png --region 640,400,256,256"),
      ("a thumbnail", "rdcodec decompress photo.rdc small.png --size 256"),
      ("a whole folder", "rdcodec decompress archive --out-dir restored"),
      ("to another program", "rdcodec decompress photo.rdc - | convert png:- photo.tif"),
    ],
    "bench": [
      ("lossless, file by file", "rdcodec bench pictures"),
      (
        "curves of rate and distortion beside other codecs",
        "rdcodec bench pictures --quality 20,40,60,80 --peers --html report.html"
      ),
    ],
    "info": [
      ("what a file holds", "rdcodec info photo.rdc"),
      (
        "names and sizes of many files",
        "rdcodec info --json archive/*.rdc | jq -r '[.file, .width, .height] | @tsv'"
      ),
    ],
    "verify": [
      ("whether all files are intact", "rdcodec verify archive/*.rdc"),
      ("the same without a word, for scripts", "rdcodec verify --quiet archive/*.rdc"),
    ],
    "strip": [
      ("the preview alone", "rdcodec strip photo.rdc preview.rdc")
    ],
  ]
}
