import CommandSupport

/// Bytes of lossless files by codec, per image and in all.
struct LosslessComparison {
  var records: [BenchRecord]
  var peers: [PeerRecord]

  static let note =
    "PNG and JPEG are the files as they are on disk, with their metadata; the others hold the pixels "
    + "alone, rdcodec all of a JPEG file. "
    + "Times of other codecs include the start of their tools."

  private var names: [String] {
    peers.reduce(into: []) { names, peer in
      if !names.contains(peer.codec) { names.append(peer.codec) }
    }
  }

  /// A row per image; the totals are over the images that every codec has, PNG and JPEG aside: they
  /// have none where not every file is one.
  var table: Table {
    let names = names
    var table = Table(header: ["bytes of", BenchCurves.own] + names)
    var shared: [(own: Int, peers: [Int?])] = []
    let hasModes = Set(records.map(\.mode.label)).count > 1
    for record in records {
      let sizes = names.map { name in
        peers.first { $0.codec == name && $0.file == record.file }.map { $0.fileBits / 8 }
      }
      let name = Failure.singleLine(record.file.lastComponent)
      table.append(
        [hasModes ? "\(name), \(record.mode.label)" : name, "\(record.fileBits / 8)"]
          + sizes.map { $0.map { "\($0)" } ?? "-" })
      let isShared = zip(names, sizes).allSatisfy {
        $0 == PeerRecord.png || $0 == PeerRecord.jpeg || $1 != nil
      }
      if isShared { shared.append((record.fileBits / 8, sizes)) }
    }
    let total = shared.reduce(0) { $0 + $1.own }
    let totals = names.indices.map { index in
      shared.reduce(0 as Int?) { sum, sizes in
        sum.flatMap { sum in sizes.peers[index].map { sum + $0 } }
      }
    }
    table.append(
      [shared.count == 1 ? "1 image" : "\(shared.count) images", "\(total)"]
        + totals.map { $0.map { "\($0)" } ?? "-" })
    table.append(
      ["rdcodec, of it", ""]
        + totals.map { sum in
          guard let sum, sum > 0 else { return "-" }
          return fixed(100 * Double(total) / Double(sum), 1) + " %"
        })
    table.append(
      ["encode, MP/s", speed(own: \.encodeSeconds)] + names.map { speed($0, \.encodeSeconds) })
    table.append(
      ["decode, MP/s", speed(own: \.decodeSeconds)] + names.map { speed($0, \.decodeSeconds) })
    return table
  }

  private func speed(own seconds: KeyPath<BenchRecord, Double>) -> String {
    Self.rate(BenchTotal(records).pixelCount, records.reduce(0) { $0 + $1[keyPath: seconds] })
  }

  private func speed(_ codec: String, _ seconds: KeyPath<PeerRecord, Double?>) -> String {
    let timed = peers.filter { $0.codec == codec && $0[keyPath: seconds] != nil }
    return Self.rate(
      timed.reduce(0) { $0 + $1.pixelCount },
      timed.reduce(0) { $0 + ($1[keyPath: seconds] ?? 0) })
  }

  private static func rate(_ pixelCount: Int, _ seconds: Double) -> String {
    seconds > 0 ? fixed(Double(pixelCount) / seconds / 1e6, 2) : "-"
  }
}
