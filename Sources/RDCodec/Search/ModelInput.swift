package import DecoderCore

/// What the model sees of an image: three 8-bit channels around zero, with 7 fraction bits.
///
/// Grey is seen as three equal channels, a palette as its colours; alpha is not seen. Where colours
/// have a ``Image/colorRange``, they are seen relative to it.
package struct ModelInput: Sendable {
  /// Size of the reduced image, in pixels.
  let width: Int
  let height: Int
  /// Whether all channels are equal.
  let isGrey: Bool
  private let planes: [[UInt16]]
  /// For each channel: the value of every sample.
  private let values: [[Int16]]

  /// `shift`: sides are divided by 2^shift, every pixel the mean of those that it covers.
  package init(_ image: Image, shift: Int = 0) {
    let planes: [[UInt16]]
    let values: [[Int16]]
    switch image.colorType {
    case .palette:
      planes = [image.planes[0], image.planes[0], image.planes[0]]
      let palette = image.fullPalette
      values = [palette.map(\.red), palette.map(\.green), palette.map(\.blue)].map { channel in
        channel.map { ModelInput.value(UInt16($0), range: 0...255) }
      }
    case .grey, .greyAlpha:
      planes = [image.planes[0], image.planes[0], image.planes[0]]
      let table = ModelInput.table(of: image)
      values = [table, table, table]
    case .rgb, .rgba:
      planes = Array(image.planes[0..<3])
      let table = ModelInput.table(of: image)
      values = [table, table, table]
    }
    isGrey = image.colorType.isGrey
    width = LatentGeometry.reduced(image.width, shift: shift)
    height = LatentGeometry.reduced(image.height, shift: shift)
    guard shift > 0 else {
      self.planes = planes
      self.values = values
      return
    }
    let reduction = Reduction(width: image.width, height: image.height, shift: shift)
    self.planes =
      image.colorType.isGrey
      ? [[UInt16]](repeating: reduction.means(planes[0], values: values[0]), count: 3)
      : zip(planes, values).map { reduction.means($0, values: $1) }
    self.values = [[Int16]](repeating: Reduction.values, count: 3)
  }

  /// An image that was reduced row by row.
  init(_ reduced: ReducedInput) {
    width = reduced.width
    height = reduced.height
    isGrey = reduced.isGrey
    planes =
      reduced.planes.count == 1 ? Array(repeating: reduced.planes[0], count: 3) : reduced.planes
    values = [[Int16]](repeating: Reduction.values, count: 3)
  }

  /// Rows and columns of latents, at one eighth of the padded image.
  var latentHeight: Int { LatentGeometry.latentCount(height) }
  var latentWidth: Int { LatentGeometry.latentCount(width) }

  /// The pixels `rows` × `columns` of the padded image (edges repeated), zero outside of it.
  func pixels(rows: Range<Int>, columns: Range<Int>) -> Tensor {
    var result = Tensor(height: rows.count, width: columns.count, channels: 3)
    let paddedHeight = latentHeight * 8
    let paddedWidth = latentWidth * 8
    // Columns of the image, then those that repeat its last one.
    let own = columns.clamped(to: 0..<width)
    let repeated = columns.clamped(to: width..<max(paddedWidth, width))
    let stride = columns.count * 3
    result.values.withUnsafeMutableBufferPointer { target in
      for c in 0..<3 {
        values[c].withUnsafeBufferPointer { values in
          planes[c].withUnsafeBufferPointer { plane in
            for y in rows where (0..<paddedHeight).contains(y) {
              let row = min(y, height - 1) * width
              let start = (y - rows.lowerBound) * stride + c
              var place = start + (own.lowerBound - columns.lowerBound) * 3
              for x in own {
                target[place] = values[Int(plane[row &+ x])]
                place &+= 3
              }
              guard !repeated.isEmpty else { continue }
              let last = values[Int(plane[row + width - 1])]
              place = start + (repeated.lowerBound - columns.lowerBound) * 3
              for _ in repeated {
                target[place] = last
                place &+= 3
              }
            }
          }
        }
      }
    }
    return result
  }

  private static func table(of image: Image) -> [Int16] {
    table(peak: image.peak, range: image.colorRange ?? 0...image.peak)
  }

  fileprivate static func table(peak: Int, range: ClosedRange<Int>) -> [Int16] {
    (0...peak).map { value(UInt16(min($0, range.upperBound)), range: range) }
  }

  private static func value(_ sample: UInt16, range: ClosedRange<Int>) -> Int16 {
    let span = range.upperBound - range.lowerBound
    let scaled = (max(Int(sample) - range.lowerBound, 0) * 255 * 128 + span / 2) / span
    return Int16(scaled - 128 * 128)
  }
}

/// What the model sees of a large image, reduced while its rows come.
struct ReducedInput {
  let width: Int
  let height: Int
  let isGrey: Bool
  private let shift: Int
  private let values: [Int16]
  /// Means of one grey or of three colours.
  private(set) var planes: [[UInt16]]

  /// For an image without a palette, whose colours lie in `range` where it is given.
  init(_ image: Image, shift: Int, range: ClosedRange<Int>?) {
    self.shift = shift
    width = LatentGeometry.reduced(image.width, shift: shift)
    height = LatentGeometry.reduced(image.height, shift: shift)
    isGrey = image.colorType.isGrey
    values = ModelInput.table(peak: image.peak, range: range ?? 0...image.peak)
    planes = [[UInt16]](repeating: [], count: isGrey ? 1 : 3)
  }

  /// Adds rows: a multiple of 2^shift, but for the last ones.
  mutating func append(_ band: Image) {
    let reduction = Reduction(width: band.width, height: band.height, shift: shift)
    for index in planes.indices {
      planes[index] += reduction.means(band.planes[index], values: values)
    }
  }
}

/// Takes the mean of the pixels in squares of 2^shift pixels; those at the edges hold fewer.
private struct Reduction {
  let width: Int
  let height: Int
  let shift: Int

  /// What the means stand for: v − 128 · 128.
  static let values: [Int16] = (0...255 * 128).map { Int16($0 - 128 * 128) }

  func means(_ plane: [UInt16], values: [Int16]) -> [UInt16] {
    let reducedWidth = LatentGeometry.reduced(width, shift: shift)
    let reducedHeight = LatentGeometry.reduced(height, shift: shift)
    var means: [UInt16] = []
    means.reserveCapacity(reducedWidth * reducedHeight)
    var sums = [Int32](repeating: 0, count: reducedWidth)
    for row in 0..<reducedHeight {
      for i in sums.indices { sums[i] = 0 }
      let rows = row << shift..<min((row + 1) << shift, height)
      plane.withUnsafeBufferPointer { plane in
        for y in rows {
          for column in 0..<reducedWidth {
            let columns = column &<< shift..<min((column &+ 1) &<< shift, width)
            var sum: Int32 = 0
            for x in columns { sum &+= Int32(values[Int(plane[y &* width &+ x])]) }
            sums[column] &+= sum
          }
        }
      }
      for (column, sum) in sums.enumerated() {
        let columnCount = min((column + 1) << shift, width) - (column << shift)
        let count = rows.count * columnCount
        means.append(UInt16((Int(sum) + 128 * 128 * count + count / 2) / count))
      }
    }
    return means
  }
}
