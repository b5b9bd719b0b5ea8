import Foundation
import RDCodec

/// The bench run as lines for a terminal.
///
/// Rates are in bits per pixel; the totals are all bits over all pixels.
struct BenchTable {
  var records: [BenchRecord]

  /// Aligned columns, a line per image and one for all, and one per quality where there are
  /// several.
  var table: Table {
    var table = Table(header: [
      "image", "quality", "size", "bits", "R(z)", "written", "H(x|z)", "written", "gap", "bpp",
      "bpsp", "PSNR", "MS-SSIM", "enc MP/s", "dec MP/s", "peak MiB", "source", "bugs",
    ])
    for record in records {
      let name = (record.file as NSString).lastPathComponent
      table.append(
        [
          Failure.singleLine(name), record.quality.map { fixed($0, 1) } ?? "lossless",
          "\(record.width)x\(record.height)x\(record.channels)", "\(record.depth)",
        ] + Self.measures(BenchTotal([record]))
          + [record.source, record.bugs.isEmpty ? "none" : record.bugs.joined(separator: ", ")])
    }
    let qualities = Set(records.map(\.quality)).sorted { ($0 ?? 0) < ($1 ?? 0) }
    for quality in qualities {
      let total = BenchTotal(records.filter { $0.quality == quality })
      table.append(
        [
          "\(total.imageCount) images", quality.map { fixed($0, 1) } ?? "lossless",
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
      total.psnr.map { fixed($0, 3) } ?? "-",
      total.similarity.map { fixed($0, 5) } ?? "-",
      fixed(pixels / total.encodeSeconds / 1e6, 3), fixed(pixels / total.decodeSeconds / 1e6, 3),
      fixed(Double(total.peakByteCount) / 0x1p20, 1),
    ]
  }
}
