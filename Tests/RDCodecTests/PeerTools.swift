import Foundation

/// Scripts that play the tools of other codecs.
///
/// Encoders write as many bytes as their setting and the input's size say, decoders give back an
/// image that lies ready, or the input; each names its version.
struct PeerTools {
  static let names = [
    "cjpeg", "djpeg", "cwebp", "dwebp", "cjxl", "djxl", "avifenc", "avifdec",
  ]

  /// Puts tools into `bin`; `restored` is the path of what decoders give back, nil for a copy of
  /// what was encoded.
  static func make(
    _ names: [String] = names, restored: String? = nil, in runner: borrowing CLIRunner
  ) throws {
    try runner.makeFolder("bin")
    for name in names {
      let isDecoder = name.hasPrefix("d") || name == "avifdec"
      let action =
        restored == nil
        ? #"exec /bin/cp "$in" "$out""#
        : isDecoder
          ? "exec /bin/cp \"\(restored ?? "")\" \"$out\""
          : #"exec /usr/bin/head -c "$bytes" /dev/zero >"$out""#
      let script = """
        #!/bin/sh
        if [ $# -eq 1 ]; then echo "\(name) 1.2.3"; exit; fi
        echo "\(name) $*" >>\(runner.folder.path)/calls
        \(arguments(of: name))
        \(action)

        """
      try runner.write(Array(script.utf8), to: "bin/\(name)")
    }
    _ = try runner.shell("chmod +x bin/*")
  }

  /// Sets $in, $out and, for encoders, $bytes, which grows as the quality does.
  private static func arguments(of name: String) -> String {
    switch name {
    case "cwebp":
      #"""
      q=0 before=; for word in "$@"; do [ "$before" = -q ] && q=${word%.*}; before=$word; done
      bytes=$((50 + q * q)); while [ $# -gt 3 ]; do shift; done; in=$1 out=$3
      """#
    case "dwebp": "while [ $# -gt 3 ]; do shift; done; in=$1 out=$3"
    case "cjxl":
      // The distance in tenths.
      #"""
      whole=${4%.*} tenths=0; case $4 in *.*) tenths=${4#*.} tenths=${tenths%"${tenths#?}"};; esac
      bytes=$((20000 / (10 * whole + tenths + 2))); in=$1 out=$2
      """#
    case "djxl": "in=$1 out=$2"
    case "cjpeg":
      #"bytes=$((50 + 50 * $2)); while [ $# -gt 2 ]; do shift; done; in=$2 out=$1"#
    case "djpeg": "while [ $# -gt 2 ]; do shift; done; in=$2 out=$1"
    case "avifenc":
      #"""
      for word in "$@"; do case $word in cq-level=*) q=${word#*=};; esac; done
      bytes=$((6500 - 100 * q)); while [ $# -gt 2 ]; do shift; done; in=$1 out=$2
      """#
    default: "while [ $# -gt 2 ]; do shift; done; in=$1 out=$2"
    }
  }
}
