import CPNG
internal import DecoderCore

/// Compresses the rows of a PNG: bands of rows become parts of one zlib stream on several threads.
///
/// A band begins at a row that follows from the layout alone, so that no byte depends on the number
/// of threads, nor on how many rows come at once.
struct PNGBands {
  /// Bytes of a band, as far as whole rows go: enough for a deflate block or more, and little
  /// enough to share out small images.
  private static let bandByteCount = 1 << 18

  private let layout: PackedRows
  private let hasFilters: Bool
  private let level: Int32
  private let jobs: Int
  private let bandHeight: Int
  /// Rows that have been compressed.
  private var rowCount = 0
  /// Rows that have not: whole bands wait until there are enough to share out.
  private var waiting: [UInt8] = []
  /// The row before them.
  private var above: [UInt8] = []
  /// The last filtered bytes before them, which the next band's matches may reach back to.
  private var history: [UInt8] = []
  private var adler: UInt32 = 1

  init(_ layout: PackedRows, isPalette: Bool, _ options: ImageWriterOptions) {
    self.layout = layout
    hasFilters = layout.bitCount >= 8 && !isPalette
    level = options.pngLevel.map(Int32.init) ?? Int32(CPNG_FAST)
    jobs = options.jobs
    bandHeight = max(1, PNGBands.bandByteCount / (layout.rowByteCount + 1))
  }

  /// Takes rows as ``PackedRows/pack(_:from:)`` lays them out; returns the bands that are complete
  /// with them, each as the data of one chunk.
  mutating func append(_ rows: [UInt8]) throws(CodecError) -> [[UInt8]] {
    if waiting.isEmpty { waiting = rows } else { waiting += rows }
    let count = waiting.count / layout.rowByteCount
    let isLast = rowCount + count == layout.height
    let enough = jobs > 1 ? 2 * jobs * bandHeight : bandHeight
    guard isLast || count >= enough else { return [] }
    let ready = isLast ? count : count / bandHeight * bandHeight
    return try compress(ready)
  }

  /// Compresses the first rows that wait.
  private mutating func compress(_ count: Int) throws(CodecError) -> [[UInt8]] {
    let lineCount = layout.rowByteCount + 1
    let bandCount = (count + bandHeight - 1) / bandHeight
    let isFirst = rowCount == 0
    let isLast = rowCount + count == layout.height
    var filtered = history
    filtered.reserveCapacity(history.count + count * lineCount)
    var bands = (0..<bandCount).map { index in
      Band(
        rows: index * bandHeight..<min((index + 1) * bandHeight, count),
        isLast: isLast && index == bandCount - 1)
    }
    filtered.append(addingCapacity: count * lineCount) { span in
      span.withUnsafeMutableBufferPointer { target, initialized in
        filter(&bands, hasRowAbove: !isFirst, to: target.baseAddress!)
        initialized = count * lineCount
      }
    }
    compress(&bands, filtered, from: history.count)
    defer { for index in bands.indices { cpng_buffer_free(&bands[index].output) } }
    var chunks: [[UInt8]] = []
    for (index, band) in bands.enumerated() {
      guard band.status == .ok else { throw .outOfMemory("the PNG file") }
      let byteCount = band.rows.count * lineCount
      adler = cpng_adler_joined(adler, band.adler, byteCount)
      var chunk: [UInt8] = isFirst && index == 0 ? zlibHeader : []
      chunk += UnsafeBufferPointer(start: band.output.bytes, count: band.output.count)
      if band.isLast { chunk += (0..<4).map { UInt8(truncatingIfNeeded: adler >> (24 - 8 * $0)) } }
      chunks.append(chunk)
    }
    rowCount += count
    above = Array(waiting[(count - 1) * layout.rowByteCount..<count * layout.rowByteCount])
    waiting.removeFirst(count * layout.rowByteCount)
    history = Array(filtered.suffix(Int(CPNG_HISTORY)))
    return chunks
  }

  /// A window of 32 KiB, the level, and a check (RFC 1950).
  private var zlibHeader: [UInt8] {
    let flags: UInt8 =
      switch level {
      case ...1: 0x01
      case 2...5: 0x5E
      case 6: 0x9C
      default: 0xDA
      }
    return [0x78, flags]
  }

  private struct Band {
    /// Of those that wait.
    let rows: Range<Int>
    /// Whether the image ends with it.
    let isLast: Bool
    var coding = cpng_coding()
    var output = cpng_buffer()
    var status = cpng_status.ok
    var adler: UInt32 = 1
  }

  /// Memory that threads share, each its own part of it.
  private struct Shared<Pointer>: @unchecked Sendable {
    let pointer: Pointer
  }

  private func filter(
    _ bands: inout [Band], hasRowAbove: Bool, to target: UnsafeMutablePointer<UInt8>
  ) {
    let (layout, hasFilters, level, jobs) = (layout, hasFilters, level, jobs)
    let pixelByteCount = UInt8(max(1, layout.channelCount * layout.bitCount / 8))
    waiting.withUnsafeBufferPointer { rows in
      above.withUnsafeBufferPointer { above in
        bands.withUnsafeMutableBufferPointer { bands in
          let shared = Shared(
            pointer: (
              bands: bands, rows: rows.baseAddress!, above: above.baseAddress, target: target
            ))
          ParallelLoop.forEach(bands.count, jobs: jobs) { index in
            let (bands, rows, above, target) = shared.pointer
            let first = bands[index].rows.lowerBound
            let start = rows + first * layout.rowByteCount
            var band = cpng_band(
              rows: start,
              above: first > 0 ? start - layout.rowByteCount : hasRowAbove ? above : nil,
              row_count: UInt32(bands[index].rows.count), row_byte_count: layout.rowByteCount,
              pixel_byte_count: pixelByteCount, has_filters: hasFilters)
            bands[index].coding = cpng_filter(
              &band, level, target + first * (layout.rowByteCount + 1))
          }
        }
      }
    }
  }

  private func compress(_ bands: inout [Band], _ filtered: [UInt8], from start: Int) {
    let (lineCount, jobs) = (layout.rowByteCount + 1, jobs)
    filtered.withUnsafeBufferPointer { filtered in
      bands.withUnsafeMutableBufferPointer { bands in
        let shared = Shared(pointer: (bands: bands, filtered: filtered.baseAddress!))
        ParallelLoop.forEach(bands.count, jobs: jobs) { index in
          let (bands, filtered) = shared.pointer
          let offset = start + bands[index].rows.lowerBound * lineCount
          let count = bands[index].rows.count * lineCount
          bands[index].adler = cpng_adler(filtered + offset, count)
          bands[index].status = cpng_compress(
            filtered + offset, count, offset, bands[index].coding, bands[index].isLast,
            &bands[index].output)
        }
      }
    }
  }
}
