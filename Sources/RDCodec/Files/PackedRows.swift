internal import DecoderCore

/// Samples as PNG and raw Netpbm files lay them out: rows of interleaved samples.
///
/// Samples of 16 bits are big-endian, those of fewer than 8 stand in the high bits of a byte
/// first, and each row is padded to a whole byte.
struct PackedRows {
  var width: Int
  var height: Int
  var channelCount: Int
  /// Bits that a sample takes: 1, 2, 4, 8 or 16.
  var bitCount: Int

  var rowByteCount: Int { (width * channelCount * bitCount + 7) / 8 }
  var byteCount: Int { height * rowByteCount }

  /// Appends the samples to planes; they start at `bytes[start]` and take ``byteCount`` bytes.
  func unpack(_ bytes: [UInt8], from start: Int = 0, to planes: inout [[UInt16]]) {
    precondition(
      start >= 0 && byteCount <= bytes.count - start && planes.count == channelCount)
    for channel in 0..<channelCount {
      let first = planes[channel].count
      planes[channel].append(contentsOf: repeatElement(0, count: width * height))
      for y in 0..<height {
        unpackRow(
          bytes, from: start + y * rowByteCount, channel, into: &planes[channel],
          at: first + y * width)
      }
    }
  }

  /// The bytes of ``height`` rows of `planes` from row `first` on; samples are below 2^bitCount.
  func pack(_ planes: [[UInt16]], from first: Int = 0) -> [UInt8] {
    precondition(
      planes.count == channelCount && planes.allSatisfy { $0.count >= width * (first + height) })
    var bytes = [UInt8](repeating: 0, count: byteCount)
    for (channel, plane) in planes.enumerated() {
      for y in 0..<height {
        packRow(plane, from: (first + y) * width, channel, into: &bytes, at: y * rowByteCount)
      }
    }
    return bytes
  }

  private func unpackRow(
    _ bytes: [UInt8], from start: Int, _ channel: Int, into plane: inout [UInt16], at target: Int
  ) {
    switch bitCount {
    case 8:
      for x in 0..<width {
        plane[target + x] = UInt16(bytes[start + x * channelCount + channel])
      }
    case 16:
      for x in 0..<width {
        let place = start + 2 * (x * channelCount + channel)
        plane[target + x] = UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1])
      }
    default:
      let mask = (UInt8(1) << bitCount) - 1
      for x in 0..<width {
        let bit = (x * channelCount + channel) * bitCount
        let byte = bytes[start + bit / 8] >> (8 - bitCount - bit % 8)
        plane[target + x] = UInt16(byte & mask)
      }
    }
  }

  private func packRow(
    _ plane: [UInt16], from start: Int, _ channel: Int, into bytes: inout [UInt8], at target: Int
  ) {
    switch bitCount {
    case 8:
      for x in 0..<width {
        bytes[target + x * channelCount + channel] = UInt8(plane[start + x])
      }
    case 16:
      for x in 0..<width {
        let place = target + 2 * (x * channelCount + channel)
        bytes[place] = UInt8(plane[start + x] >> 8)
        bytes[place + 1] = UInt8(truncatingIfNeeded: plane[start + x])
      }
    default:
      for x in 0..<width {
        let bit = (x * channelCount + channel) * bitCount
        bytes[target + bit / 8] |= UInt8(plane[start + x]) << (8 - bitCount - bit % 8)
      }
    }
  }
}
