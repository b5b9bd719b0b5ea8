import ArgumentParser
import RDCodec

struct Info: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what an .rdc file holds, without decoding it.")

  @Argument(help: ArgumentHelp("The .rdc file, - for standard input.", valueName: "file"))
  var file: String

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let bytes = try InputFile.read(file)
    let info: BitstreamInfo
    do {
      info = try inspect(bytes)
    } catch {
      throw Failure(InputFile.displayName(file), error)
    }
    if json {
      try StandardStreams.write(try JSON.text(info))
    } else {
      try StandardStreams.print(Self.text(info))
    }
  }

  private static func mode(_ info: BitstreamInfo) -> String {
    if info.isLossless { return "lossless" }
    return info.maximumError > 0 ? "every sample within \(info.maximumError)" : "lossy"
  }

  private static func latents(_ info: BitstreamInfo) -> [(String, String)] {
    guard info.latentReduction > 0 else { return [("latents", "none")] }
    return [
      ("quality of the latents", "\(info.quality)"),
      ("scale of the latents", "1:\(info.latentReduction)"),
      ("model", Failure.singleLine(info.modelIdentifier)),
    ] + (info.filterByteCount > 0 ? [("filter", "\(info.filterByteCount) bytes")] : [])
  }

  private static func text(_ info: BitstreamInfo) -> String {
    let pixels = Double(info.width) * Double(info.height)
    let metadata = info.metadataTypes.map(Failure.singleLine).joined(separator: ", ")
    let fields =
      [
        ("format version", "\(info.formatVersion)"),
        ("size", "\(info.width) x \(info.height)"),
        ("color", "\(info.colorType), \(info.depth) bits"),
        ("mode", mode(info)),
      ]
      + (info.colorRange.map { [("range of colours", "\($0.lowerBound) to \($0.upperBound)")] }
        ?? [])
      + latents(info) + [
        ("source", info.source),
        ("tile size", "\(info.tileWidth) × \(info.tileHeight)"),
        ("metadata", metadata.isEmpty ? "none" : metadata),
        ("bytes", "\(info.byteCount)"),
        ("bits per pixel", fixed(Double(info.byteCount) * 8 / pixels, 4)),
      ]
    var table = Table(header: ["stream", "tiles", "bytes", "bits per pixel"])
    for stream in info.streams {
      table.append([
        stream.name, "\(stream.tileCount)", "\(stream.byteCount)",
        fixed(Double(stream.byteCount) * 8 / pixels, 4),
      ])
    }
    let width = fields.map(\.0.count).max() ?? 0
    let lines = fields.map { name, value in
      name + String(repeating: " ", count: width - name.count) + "  " + value + "\n"
    }
    return lines.joined() + "\n" + table.text
  }
}
