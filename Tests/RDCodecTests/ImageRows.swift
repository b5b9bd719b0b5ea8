import RDCodec
import Synchronization

/// Puts the rows that come together to an image again, and remembers how they came.
final class ImageRows: ImageRowReceiver {
  private struct State {
    var image: Image?
    var heights: [Int] = []
  }

  private let state = Mutex(State())
  private let endsAfter: Int

  /// Throws after so many strips.
  init(endsAfter: Int = .max) { self.endsAfter = endsAfter }

  var image: Image? { state.withLock { $0.image } }
  /// Of the strips.
  var heights: [Int] { state.withLock { $0.heights } }

  func begin(_ image: Image) throws(CodecError) {
    state.withLock { state in
      precondition(state.image == nil && image.planes.allSatisfy { $0.isEmpty })
      precondition(image.planes.count == image.colorType.channelCount)
      state.image = image
    }
  }

  func receive(_ rows: Image) throws(CodecError) {
    let count = state.withLock { state in
      for index in rows.planes.indices { state.image!.planes[index] += rows.planes[index] }
      state.heights.append(rows.height)
      return state.heights.count
    }
    guard count < endsAfter else { throw .outputFailed }
  }
}

/// A file that is written in pieces.
final class WrittenFile: Sendable {
  private struct State {
    var bytes: [UInt8] = []
    var pieces: [Int] = []
  }

  private let state = Mutex(State())

  var bytes: [UInt8] { state.withLock { $0.bytes } }
  /// The sizes of the pieces.
  var pieces: [Int] { state.withLock { $0.pieces } }

  var sink: ByteSink {
    { piece in
      self.state.withLock { state in
        state.bytes += piece
        state.pieces.append(piece.count)
      }
    }
  }
}

/// Bytes that are given in part, and how many of them were asked for at once.
final class CountedBytes: Sendable {
  private let bytes: [UInt8]
  private let largest = Mutex(0)

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var largestPart: Int { largest.withLock { $0 } }

  var source: ByteSource {
    ByteSource(count: bytes.count) { range in
      self.largest.withLock { $0 = max($0, range.count) }
      return Array(self.bytes[range])
    }
  }
}

extension Image {
  /// The image without samples, as ``ImageRowReceiver/begin(_:)`` gets it.
  var withoutSamples: Image {
    var image = self
    image.planes = planes.map { _ in [] }
    return image
  }

  /// Some of its rows.
  func strip(_ rows: Range<Int>) -> Image {
    var image = self
    image.height = rows.count
    image.planes = planes.map { Array($0[rows.lowerBound * width..<rows.upperBound * width]) }
    return image
  }
}
