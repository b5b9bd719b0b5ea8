internal import DecoderCore

/// What a PNG file that libpng has accepted says and its image does not.
struct PNGWarnings {
  /// As in ``ReadImage/warnings``.
  private(set) var lines: [String] = []

  /// `image`: without planes. `remarks`: what libpng warned of while it read the samples.
  init(
    _ chunks: [PNGChunks.Chunk], _ file: ByteSource, _ image: Image, _ remarks: String
  ) throws(CodecError) {
    try addAnimation(chunks, file)
    addTransparency(chunks, image)
    addPalette(chunks, image)
    try addMetadata(chunks, file)
    // Those of chunks are given above.
    let others = remarks.split(separator: "; ").filter {
      $0.hasPrefix("IDAT: ") || !$0.dropFirst(4).hasPrefix(": ")
    }
    lines += others.map { "its image data is not as it should be (\($0))" }
    let rest = file.count - (chunks.last?.range.upperBound ?? file.count)
    if rest > 0 { lines.append("\(rest) bytes after its end are left out") }
  }

  private static let animationTypes: Set<String> = ["acTL", "fcTL", "fdAT"]

  /// Left out without a word: where the image data lie in the file, by programs of Apple.
  private static let layoutTypes: Set<String> = ["iDOT"]

  private mutating func addAnimation(
    _ chunks: [PNGChunks.Chunk], _ file: ByteSource
  ) throws(CodecError) {
    guard chunks.contains(where: { Self.animationTypes.contains($0.type) }) else { return }
    let control = chunks.first { $0.type == "acTL" && $0.payload.count == 8 }
    var frames = ""
    if let control {
      let count = try file.bytes(in: control.payload).bigEndian32(at: 0)
      frames = count == 1 ? " of 1 frame" : " of \(count) frames"
    }
    lines.append("its animation\(frames) is left out, and the still picture kept")
  }

  private mutating func addTransparency(_ chunks: [PNGChunks.Chunk], _ image: Image) {
    let count = chunks.count { $0.type == "tRNS" }
    let isKept = image.paletteAlphaCount > 0 || image.transparentColor != nil
    if image.colorType.hasAlpha, count > 0 {
      lines.append("its tRNS chunk is left out, as there is alpha")
    } else if !isKept, count > 0 {
      lines.append("its invalid transparency (tRNS) is left out: viewers show it opaque, too")
    } else if count > 1 {
      lines.append("all but the first of its \(count) tRNS chunks are left out")
    }
  }

  private mutating func addPalette(_ chunks: [PNGChunks.Chunk], _ image: Image) {
    guard let palette = chunks.first(where: { $0.type == "PLTE" }) else { return }
    let count = palette.payload.count / 3
    if image.colorType == .palette {
      let missing = count - image.palette.count
      if missing > 0 { lines.append("\(missing) colours that no index reaches are left out") }
    } else if !image.metadata.contains(where: { $0.isPNGChunk("PLTE") }) {
      lines.append("its palette is left out, as it has no place here")
    }
  }

  private mutating func addMetadata(
    _ chunks: [PNGChunks.Chunk], _ file: ByteSource
  ) throws(CodecError) {
    let others = chunks.filter {
      $0.isAncillary && $0.type != "tRNS" && !Self.animationTypes.contains($0.type)
        && !Self.layoutTypes.contains($0.type)
    }
    var damaged: [PNGChunks.Chunk] = []
    for chunk in others where chunk.isMetadata {
      if try !chunk.hasValidChecksum(in: file) { damaged.append(chunk) }
    }
    if !damaged.isEmpty {
      lines.append("left out, as their checksums are wrong: \(Self.list(damaged))")
    }
    let unsafe = others.filter { !$0.isMetadata }
    if !unsafe.isEmpty {
      lines.append("left out, as unknown chunks not safe to copy: \(Self.list(unsafe))")
    }
  }

  /// Each kind once, and no more than eight: "colour profile (iCCP)".
  private static func list(_ chunks: [PNGChunks.Chunk]) -> String {
    let types = chunks.map(\.type).distinct
    let words = types.prefix(8).map { type in names[type].map { "\($0) (\(type))" } ?? type }
    return words.joined(separator: ", ") + (types.count > 8 ? ", …" : "")
  }

  private static let names: [String: String] = [
    "iCCP": "colour profile", "sRGB": "colour space", "gAMA": "gamma", "cHRM": "primaries",
    "cICP": "colour space", "mDCV": "mastering display", "cLLI": "light levels", "eXIf": "Exif",
    "tEXt": "text", "zTXt": "text", "iTXt": "text", "pHYs": "resolution", "tIME": "time",
    "bKGD": "background colour", "sBIT": "significant bits", "PLTE": "suggested palette",
    "sPLT": "suggested palette", "hIST": "histogram", "oFFs": "offset", "sCAL": "scale",
    "pCAL": "calibration", "sTER": "stereo layout",
  ]
}
