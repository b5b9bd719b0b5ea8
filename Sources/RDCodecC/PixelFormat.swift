internal import CRDCodec
internal import RDCodec

/// How the samples of a decoded image become pixels side by side.
struct PixelFormat: Sendable {
  /// Where a channel's samples come from.
  private enum Channel {
    /// A plane, through a table where there is one.
    case plane(Int, [UInt16]?)
    /// The same everywhere.
    case constant(UInt16)
    /// 0 where all planes have these values, else opaque.
    case key([UInt16], opaque: UInt16)
  }

  private let channels: [Channel]
  let depth: Int
  let peak: Int

  var channelCount: Int { channels.count }
  var sampleByteCount: Int { depth <= 8 ? 1 : 2 }

  /// The pixels of `image`, whose planes do not count, in `channelCount` channels (0: its own), scaled to
  /// `bits` (0: not).
  init(_ image: Image, channelCount: Int, bits: Int) throws(CallFailure) {
    let hasPalette = image.colorType == .palette
    let peak = hasPalette ? 255 : image.peak
    let outputPeak = bits == 0 ? peak : (1 << bits) - 1
    func scaled(_ value: Int) -> UInt16 { UInt16((value * outputPeak + peak / 2) / peak) }
    var channels: [Channel]
    if hasPalette {
      let entries = image.fullPalette
      let columns = [entries.map(\.red), entries.map(\.green), entries.map(\.blue)]
      let alpha = image.paletteAlphaCount > 0 ? [entries.map(\.alpha)] : []
      channels = (columns + alpha).map { column in .plane(0, column.map { scaled(Int($0)) }) }
    } else {
      let table = outputPeak == peak ? nil : (0...peak).map(scaled)
      channels = (0..<image.colorType.channelCount).map { .plane($0, table) }
      if let color = image.transparentColor {
        channels.append(.key(color, opaque: UInt16(outputPeak)))
      }
    }
    if channelCount > 0 {
      channels = try Self.widened(channels, to: channelCount, opaque: UInt16(outputPeak))
    }
    self.channels = channels
    self.peak = outputPeak
    depth = bits == 0 ? (hasPalette ? 8 : image.depth) : bits
  }

  private static func widened(
    _ channels: [Channel], to count: Int, opaque: UInt16
  ) throws(CallFailure) -> [Channel] {
    let hasAlpha = channels.count % 2 == 0
    let wantsAlpha = count % 2 == 0
    let isGrey = channels.count <= 2
    guard isGrey || count > 2, wantsAlpha || !hasAlpha else {
      throw CallFailure(
        RDCODEC_INVALID, "pixels of \(channels.count) channels do not fit into \(count)")
    }
    let colors = channels.prefix(isGrey ? 1 : 3)
    let wide = isGrey && count > 2 ? Array(repeating: colors[0], count: 3) : Array(colors)
    guard wantsAlpha else { return wide }
    return wide + [hasAlpha ? channels[channels.count - 1] : .constant(opaque)]
  }

  /// How `width` × `height` pixels lie in memory.
  func layout(width: Int, height: Int) -> rdcodec_layout {
    rdcodec_layout(
      width: UInt32(width), height: UInt32(height), channels: UInt32(channelCount),
      sample_bytes: UInt32(sampleByteCount), depth: UInt32(depth), peak: UInt32(peak),
      row_bytes: width * channelCount * sampleByteCount)
  }

  /// Writes rows of `image`, `stride` bytes apart.
  func write(_ image: Image, to pixels: UnsafeMutableRawPointer, stride: Int) {
    for y in 0..<image.height {
      let row = pixels + y * stride
      let samples = y * image.width..<(y + 1) * image.width
      for (place, channel) in channels.enumerated() {
        if sampleByteCount == 1 {
          write(
            channel, of: image, samples, to: row.assumingMemoryBound(to: UInt8.self) + place)
        } else {
          write(
            channel, of: image, samples, to: row.assumingMemoryBound(to: UInt16.self) + place)
        }
      }
    }
  }

  /// Writes every ``channelCount``-th sample.
  @inline(__always)
  private func write<Sample: FixedWidthInteger & UnsignedInteger>(
    _ channel: Channel, of image: Image, _ samples: Range<Int>,
    to target: UnsafeMutablePointer<Sample>
  ) {
    let step = channelCount
    switch channel {
    case .plane(let index, let table):
      image.planes[index].withUnsafeBufferPointer { plane in
        let plane = plane[samples]
        let source = UnsafeBufferPointer(rebasing: plane)
        if let table {
          for x in 0..<source.count {
            target[x &* step] = Sample(truncatingIfNeeded: table[Int(source[x])])
          }
        } else if step == 3 {
          // With a constant step, so that the loop needs no multiplication.
          for x in 0..<source.count {
            target[3 &* x] = Sample(truncatingIfNeeded: source[x])
          }
        } else {
          for x in 0..<source.count {
            target[x &* step] = Sample(truncatingIfNeeded: source[x])
          }
        }
      }
    case .constant(let value):
      for x in 0..<samples.count { target[x &* step] = Sample(truncatingIfNeeded: value) }
    case .key(let color, let opaque):
      for (x, place) in samples.enumerated() {
        let isKey = zip(image.planes, color).allSatisfy { $0[place] == $1 }
        target[x &* step] = isKey ? 0 : Sample(truncatingIfNeeded: opaque)
      }
    }
  }
}
