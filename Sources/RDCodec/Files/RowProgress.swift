internal import DecoderCore

/// How far the rows of an image have come that a file is made of.
struct RowProgress {
  private let width: Int
  private let height: Int
  private let planeCount: Int
  private var rowCount = 0

  /// About so many samples of a strip are laid out at once.
  private static let partCount = 1 << 19

  init(_ image: borrowing Image) {
    width = image.width
    height = image.height
    planeCount = image.colorType.channelCount
  }

  /// Counts the rows of a strip, and cuts them into parts to be laid out one after the other.
  ///
  /// Throws ``CodecError/invalidImage(_:)`` where they are not the next ones of the image.
  mutating func parts(of rows: borrowing Image) throws(CodecError) -> [Range<Int>] {
    let height = rows.height
    guard rows.width == width, height > 0, height <= self.height - rowCount,
      rows.planes.count == planeCount, rows.planes.allSatisfy({ $0.count == width * height })
    else { throw .invalidImage("its rows do not belong to it") }
    rowCount += height
    let step = max(1, RowProgress.partCount / (width * planeCount))
    return stride(from: 0, to: height, by: step).map { $0..<min($0 + step, height) }
  }

  /// Throws unless all rows have come.
  func checkEnd() throws(CodecError) {
    guard rowCount == height else {
      throw .invalidImage("it has \(rowCount) rows of \(height)")
    }
  }
}
