import CommandSupport
import RDCodec

/// What `info` says about a file, for people.
struct InfoText {
  let info: BitstreamInfo
  /// Bytes that the file has, which may differ from what its header announces.
  let byteCount: Int

  var text: String {
    let width = fields.map(\.0.count).max() ?? 0
    let lines = fields.map { name, value in
      name + String(repeating: " ", count: width - name.count) + "  " + value + "\n"
    }
    return lines.joined() + "\n" + streams.text
  }

  private var fields: [(String, String)] {
    return [
      ("format version", "\(info.formatVersion)"),
      ("size", "\(info.width) x \(info.height)"),
      ("color", "\(info.colorType), \(info.depth) bits"),
      ("mode", mode),
    ] + range + latents + [
      ("source", info.source),
      ("tile size", "\(info.tileWidth) x \(info.tileHeight)"),
      ("metadata", metadata),
      ("bytes", bytes),
      ("bits per pixel", bitsPerPixel(info.byteCount)),
    ]
  }

  /// Each kind once, in file order: "gamma, text (3)".
  private var metadata: String {
    let counts = Dictionary(info.metadataTypes.map { ($0, 1) }, uniquingKeysWith: +)
    let kinds = info.metadataTypes.distinct.map { kind in
      let count = counts[kind] ?? 1
      return Failure.singleLine(kind) + (count > 1 ? " (\(count))" : "")
    }
    return kinds.isEmpty ? "none" : kinds.joined(separator: ", ")
  }

  private var mode: String {
    if info.isLossless {
      return info.keepsJPEG ? "lossless, a JPEG file byte for byte" : "lossless"
    }
    return info.maximumError > 0 ? "every sample within \(info.maximumError)" : "lossy"
  }

  private var range: [(String, String)] {
    info.colorRange.map { [("range of colours", "\($0.lowerBound) to \($0.upperBound)")] } ?? []
  }

  private var latents: [(String, String)] {
    guard info.latentReduction > 0 else { return [("latents", "none")] }
    let what = info.isLossless ? "preview" : "latents"
    return [
      ("quality of the \(what)", fixed(info.quality, 1)),
      ("scale of the \(what)", "1:\(info.latentReduction)"),
      ("model", model),
    ] + (info.filterByteCount > 0 ? [("filter", "\(info.filterByteCount) bytes")] : [])
  }

  /// The model's identifier, and what it is called where it is built in.
  private var model: String {
    let tuning = Tuning.allCases.first {
      BuiltIn.modelIdentifier(of: $0) == info.modelIdentifier
    }
    let name = Failure.singleLine(info.modelIdentifier)
    return tuning.map { "\(name) (\($0.rawValue))" } ?? name
  }

  private var bytes: String {
    if byteCount == info.byteCount { return "\(byteCount)" }
    let what = byteCount < info.byteCount ? "truncated" : "too many"
    return "\(byteCount) of \(info.byteCount): \(what)"
  }

  private var streams: Table {
    var table = Table(header: ["stream", "tiles", "bytes", "bits per pixel"])
    for stream in info.streams {
      table.append([
        stream.name, "\(stream.tileCount)", "\(stream.byteCount)", bitsPerPixel(stream.byteCount),
      ])
    }
    return table
  }

  private func bitsPerPixel(_ byteCount: Int) -> String {
    fixed(Double(byteCount) * 8 / (Double(info.width) * Double(info.height)), 4)
  }
}
