import RDCodec
import Synchronization

/// Hands on an image that fits within a square: what comes as it is where that fits, else its rows
/// made fewer and shorter.
///
/// Palettes and transparent colours become samples, and samples of less than 8 bits get 8, since
/// means lie between them. Colours count as much as they are opaque.
final class ScaledRows: ImageRowReceiver {
  fileprivate struct State {
    /// The image that comes, without its samples.
    var image: Image
    /// The one that is handed on; nil: all goes through.
    var scaled: Image?
    var columns = AreaScale(source: 1, target: 1)
    var rows: [RowScale] = []
  }

  private let side: Int
  private let next: any ImageRowReceiver
  private let state = Mutex<State?>(nil)

  /// Width and height are at most `side`.
  init(within side: Int, to next: any ImageRowReceiver) {
    self.side = side
    self.next = next
  }

  /// The size of an image that is made to fit; nil where it fits.
  static func size(_ width: Int, _ height: Int, within side: Int) -> (width: Int, height: Int)? {
    let longer = max(width, height)
    guard longer > side else { return nil }
    let scaled = { (length: Int) in max(1, (length * side + longer / 2) / longer) }
    return (scaled(width), scaled(height))
  }

  func begin(_ image: Image) throws(CodecError) {
    var state = State(image: image)
    if let size = ScaledRows.size(image.width, image.height, within: side) {
      var scaled = image.withoutPalette
      (scaled.width, scaled.height) = size
      if scaled.depth < 8 { (scaled.depth, scaled.statedPeak) = (8, nil) }
      scaled.metadata.removeAll { !$0.holdsOfOtherSizes }
      state.scaled = scaled
      state.columns = AreaScale(source: image.width, target: size.width)
      let row = RowScale(
        AreaScale(source: image.height, target: size.height), count: size.width)
      state.rows = Array(repeating: row, count: scaled.colorType.channelCount)
    }
    try next.begin(state.scaled ?? image)
    self.state.withLock { [state] in $0 = state }
  }

  func receive(_ rows: Image) throws(CodecError) {
    try state.withLock { state throws(CodecError) in
      guard let complete = state!.scale(rows) else { return try next.receive(rows) }
      if complete.height > 0 { try next.receive(complete) }
    }
  }
}

extension ScaledRows.State {
  /// The rows that these complete; nil where nothing is scaled.
  fileprivate mutating func scale(_ strip: Image) -> Image? {
    guard var result = scaled else { return nil }
    var source = image
    (source.width, source.height, source.planes) = (strip.width, strip.height, strip.planes)
    source = source.withoutPalette
    let channels = source.planes.count
    let hasAlpha = source.colorType == .rgba || source.colorType == .greyAlpha
    let peak = UInt64(source.peak)
    let one = peak << AreaScale.fractionBits
    let largest = UInt64(result.peak)
    result.height = 0
    for y in 0..<source.height {
      let range = y * source.width..<(y + 1) * source.width
      let alpha = hasAlpha ? source.planes[channels - 1][range].map { UInt64($0) } : []
      var complete: [[UInt64]] = []
      for channel in 0..<channels {
        var row = source.planes[channel][range].map { UInt64($0) }
        let isColor = hasAlpha && channel + 1 < channels
        if isColor { for index in row.indices { row[index] &*= alpha[index] } }
        let short = columns.reduce(row, divisor: isColor ? peak : 1)
        if let line = rows[channel].add(short) { complete.append(line) }
      }
      guard let last = complete.last else { continue }
      result.height += 1
      for channel in 0..<channels {
        let isColor = hasAlpha && channel + 1 < channels
        result.planes[channel] += complete[channel].indices.map { index in
          let value = complete[channel][index]
          // Of what nothing is seen, nothing is known.
          let whole = isColor ? last[index] : one
          guard whole > 0 else { return 0 }
          return UInt16(min(largest, (value * largest + whole / 2) / whole))
        }
      }
    }
    return result
  }
}

extension Image {
  /// The image with colours, and alpha where something is transparent, in place of a palette or a
  /// transparent colour.
  fileprivate var withoutPalette: Image {
    var image = expandedToRGB()
    guard let color = image.transparentColor else { return image }
    image.transparentColor = nil
    image.colorType = image.colorType == .grey ? .greyAlpha : .rgba
    let opaque = UInt16(image.peak)
    image.planes.append(
      planes[0].indices.map { index in
        color.indices.allSatisfy { planes[$0][index] == color[$0] } ? 0 : opaque
      })
    return image
  }
}

extension MetadataItem {
  /// Whether it is as true of the same picture in another size and with other samples.
  fileprivate var holdsOfOtherSizes: Bool {
    switch content {
    case .iccProfile, .exif, .xmp, .cicp, .gamma, .chromaticities, .renderingIntent, .text: true
    // Nobody knows; it comes along to be named as left out.
    case .unknown: true
    case .resolution, .background, .backgroundIndex, .significantBits, .modificationTime, .other:
      false
    }
  }
}
