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
    bytes.withUnsafeBufferPointer { bytes in
      for channel in 0..<channelCount {
        planes[channel].append(addingCapacity: width * height) { span in
          span.withUnsafeMutableBufferPointer { samples, count in
            for y in 0..<height {
              unpackRow(
                bytes.baseAddress! + start + y * rowByteCount, channel,
                to: samples.baseAddress! + y * width)
            }
            count = width * height
          }
        }
      }
    }
  }

  /// The bytes of ``height`` rows of `planes` from row `first` on; samples are below 2^bitCount.
  func pack(_ planes: [[UInt16]], from first: Int = 0) -> [UInt8] {
    precondition(
      planes.count == channelCount && planes.allSatisfy { $0.count >= width * (first + height) })
    return [UInt8](unsafeUninitializedCapacity: byteCount) { bytes, count in
      // Samples of fewer bits are put into bytes that are zero.
      if bitCount < 8 { bytes.initialize(repeating: 0) }
      for (channel, plane) in planes.enumerated() {
        plane.withUnsafeBufferPointer { plane in
          for y in 0..<height {
            packRow(
              plane.baseAddress! + (first + y) * width, channel,
              to: bytes.baseAddress! + y * rowByteCount)
          }
        }
      }
      count = byteCount
    }
  }

  private func unpackRow(
    _ bytes: UnsafePointer<UInt8>, _ channel: Int, to samples: UnsafeMutablePointer<UInt16>
  ) {
    switch (bitCount, channelCount) {
    // With constant steps, so that loops need no multiplications.
    case (8, 1): for x in 0..<width { samples[x] = UInt16(bytes[x]) }
    case (8, 3): for x in 0..<width { samples[x] = UInt16(bytes[3 &* x &+ channel]) }
    case (8, 4): for x in 0..<width { samples[x] = UInt16(bytes[4 &* x &+ channel]) }
    case (8, _): for x in 0..<width { samples[x] = UInt16(bytes[2 &* x &+ channel]) }
    case (16, _):
      for x in 0..<width {
        let place = 2 &* (x &* channelCount &+ channel)
        samples[x] = UInt16(bytes[place]) &<< 8 | UInt16(bytes[place &+ 1])
      }
    default:
      let mask = (UInt8(1) << bitCount) - 1
      for x in 0..<width {
        let bit = (x * channelCount + channel) * bitCount
        let byte = bytes[bit / 8] >> (8 - bitCount - bit % 8)
        samples[x] = UInt16(byte & mask)
      }
    }
  }

  private func packRow(
    _ samples: UnsafePointer<UInt16>, _ channel: Int, to bytes: UnsafeMutablePointer<UInt8>
  ) {
    switch (bitCount, channelCount) {
    case (8, 1): for x in 0..<width { bytes[x] = UInt8(truncatingIfNeeded: samples[x]) }
    case (8, 3):
      for x in 0..<width { bytes[3 &* x &+ channel] = UInt8(truncatingIfNeeded: samples[x]) }
    case (8, _):
      for x in 0..<width {
        bytes[x &* channelCount &+ channel] = UInt8(truncatingIfNeeded: samples[x])
      }
    case (16, _):
      for x in 0..<width {
        let place = 2 &* (x &* channelCount &+ channel)
        bytes[place] = UInt8(truncatingIfNeeded: samples[x] &>> 8)
        bytes[place &+ 1] = UInt8(truncatingIfNeeded: samples[x])
      }
    default:
      for x in 0..<width {
        let bit = (x * channelCount + channel) * bitCount
        bytes[bit / 8] |= UInt8(samples[x]) << (8 - bitCount - bit % 8)
      }
    }
  }
}
