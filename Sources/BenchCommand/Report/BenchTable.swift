import CommandSupport
import RDCodec

/// The bench run as lines for a terminal.
///
/// Rates are in bits per pixel; the totals are all bits over all pixels.
struct BenchTable {
  var records: [BenchRecord]

  /// Aligned columns, a line per image and mode, and one for all images per mode.
  var table: Table {
    var table = Table(
      header: [
        "image", "mode", "size", "bits", "R(z)", "written", "H(x|z)", "written", "gap", "bpp",
        "bpsp",
      ] + Metric.shown.map(\.name) + ["enc MP/s", "dec MP/s", "peak MiB", "source", "bugs"])
    for record in records {
      let name = record.file.lastComponent
      table.append(
        [
          Failure.singleLine(name), record.mode.label,
          "\(record.width)x\(record.height)x\(record.channels)", "\(record.depth)",
        ] + Self.measures(BenchTotal([record]))
          + [record.source, record.bugs.isEmpty ? "none" : record.bugs.joined(separator: ", ")])
    }
    let labels = records.map(\.mode.label).reduce(into: [String]()) { labels, label in
      if !labels.contains(label) { labels.append(label) }
    }
    for label in labels {
      let total = BenchTotal(records.filter { $0.mode.label == label })
      table.append(
        [
          total.imageCount == 1 ? "1 image" : "\(total.imageCount) images", label,
          "\(fixed(Double(total.pixelCount) / 1e6, 2)) MP", "",
        ] + Self.measures(total) + ["", total.bugs.isEmpty ? "none" : "\(total.bugs.count)"])
    }
    return table
  }

  private static func measures(_ total: BenchTotal) -> [String] {
    let pixels = Double(total.pixelCount)
    let objective = total.rate.objectiveBits + total.residual.objectiveBits
    let written = Double(total.rate.writtenBits + total.residual.writtenBits)
    let fileBits = Double(total.fileBits)
    return [
      fixed(total.rate.objectiveBits / pixels, 4),
      fixed(Double(total.rate.writtenBits) / pixels, 4),
      fixed(total.residual.objectiveBits / pixels, 4),
      fixed(Double(total.residual.writtenBits) / pixels, 4),
      objective > 0 ? fixed(100 * (written / objective - 1), 3) + " %" : "-",
      fixed(fileBits / pixels, 4), fixed(fileBits / Double(total.sampleCount), 4),
    ] + Metric.shown.map { $0.text(total.distortion) } + [
      fixed(pixels / total.encodeSeconds / 1e6, 3), fixed(pixels / total.decodeSeconds / 1e6, 3),
      fixed(Double(total.peakByteCount) / 0x1p20, 1),
    ]
  }
}
