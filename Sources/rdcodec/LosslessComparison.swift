import Foundation

/// Bytes of lossless files by codec, per image and in all, for a terminal.
struct LosslessComparison {
  var records: [BenchRecord]
  var peers: [PeerRecord]

  /// A row per image; the totals are over the images that every codec has.
  var table: Table {
    let names = peers.reduce(into: [String]()) { names, peer in
      if !names.contains(peer.codec) { names.append(peer.codec) }
    }
    var table = Table(header: ["bytes of", "rdcodec"] + names)
    var shared: [(own: Int, peers: [Int])] = []
    for record in records {
      let sizes = names.map { name in
        peers.first { $0.codec == name && $0.file == record.file }.map { $0.fileBits / 8 }
      }
      table.append(
        [Failure.singleLine((record.file as NSString).lastPathComponent), "\(record.fileBits / 8)"]
          + sizes.map { $0.map { "\($0)" } ?? "-" })
      if !sizes.contains(nil) { shared.append((record.fileBits / 8, sizes.compactMap { $0 })) }
    }
    let total = shared.reduce(0) { $0 + $1.own }
    let totals = names.indices.map { index in shared.reduce(0) { $0 + $1.peers[index] } }
    table.append(["\(shared.count) images", "\(total)"] + totals.map { "\($0)" })
    table.append(
      ["rdcodec, of it", ""]
        + totals.map { $0 > 0 ? fixed(100 * Double(total) / Double($0), 1) + " %" : "-" })
    table.append(
      ["encode, MP/s", speed(own: \.encodeSeconds)] + names.map { speed($0, \.encodeSeconds) })
    table.append(
      ["decode, MP/s", speed(own: \.decodeSeconds)] + names.map { speed($0, \.decodeSeconds) })
    return table
  }

  private func speed(own seconds: KeyPath<BenchRecord, Double>) -> String {
    let total = BenchTotal(records)
    return Self.rate(total.pixelCount, records.reduce(0) { $0 + $1[keyPath: seconds] })
  }

  private func speed(_ codec: String, _ seconds: KeyPath<PeerRecord, Double>) -> String {
    let own = peers.filter { $0.codec == codec }
    return Self.rate(
      own.reduce(0) { $0 + $1.pixelCount }, own.reduce(0) { $0 + $1[keyPath: seconds] })
  }

  private static func rate(_ pixelCount: Int, _ seconds: Double) -> String {
    seconds > 0 ? fixed(Double(pixelCount) / seconds / 1e6, 2) : "-"
  }
}
