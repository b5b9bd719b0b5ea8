internal import DecoderCore

/// How samples become those of a PNG, which has 8 or 16 bits, or fewer in grey and palettes.
///
/// Other depths are widened by repeating their bits from the left, and sBIT states how many count,
/// so that a shift undoes it exactly. Samples up to a stated peak are scaled linearly, and the file
/// does not say.
/// Source: PNG specification, third edition, sections 12.4 and 13.12.
struct PNGScaling: Sendable {
  /// Bits per sample in the PNG.
  let depth: Int
  /// What becomes of every sample; nil where all stay.
  private let table: [UInt16]?
  /// What sBIT states; nil where the image's own metadata stays.
  private let significantBits: MetadataItem?

  /// Whether all samples stay as they are.
  var isNone: Bool { table == nil }

  init(_ image: borrowing Image) {
    let depths =
      switch image.colorType {
      case .grey: [1, 2, 4, 8]
      case .palette: [1, 2, 4]
      case .rgb, .greyAlpha, .rgba: [8]
      }
    let peak = image.peak
    // Of fewer bits the steps would be uneven: 1 of 2 is not 2 of 3.
    let from = image.statedPeak == nil ? image.depth : max(image.depth, 8)
    let depth = depths.first { $0 >= from } ?? (image.colorType == .palette ? 8 : 16)
    self.depth = depth
    let largest = (1 << depth) - 1
    if image.statedPeak != nil {
      table = (0...peak).map { UInt16(($0 * largest + peak / 2) / peak) }
      significantBits = nil
    } else if from < depth {
      table = (0...peak).map { UInt16(Self.repeated($0, from, depth)) }
      significantBits = MetadataItem(
        .significantBits(
          [UInt8](repeating: UInt8(from), count: image.colorType.channelCount)),
        position: .beforePalette)
    } else {
      table = nil
      significantBits = nil
    }
  }

  /// `samples` in the PNG.
  func callAsFunction(_ samples: ArraySlice<UInt16>) -> [UInt16] {
    guard let table else { return Array(samples) }
    return samples.map { table[Int($0)] }
  }

  /// The metadata of the PNG.
  func metadata(of image: borrowing Image) -> [MetadataItem] {
    // What sBIT says of the image's samples is not so of the scaled ones.
    let others =
      table == nil
      ? image.metadata
      : image.metadata.filter { !$0.saysSignificantBits }
    return (significantBits.map { [$0] } ?? []) + others
  }

  /// The first `depth` bits of `bits` bits of `sample` over and over.
  private static func repeated(_ sample: Int, _ bits: Int, _ depth: Int) -> Int {
    var (value, count) = (sample, bits)
    while count < depth {
      value = value << bits | sample
      count += bits
    }
    return value >> (count - depth)
  }
}
