import RDCodec
import Synchronization

/// Hands the rows of an image on as they come, and keeps what else there is of it.
final class PassedRows: ImageRowReceiver {
  private let next: (any ImageRowReceiver)?
  private let header = Mutex<Image?>(nil)

  /// To nobody for nil.
  init(to next: (any ImageRowReceiver)?) { self.next = next }

  /// The image without its samples, once decoding has begun.
  var image: Image { header.withLock { $0! } }

  func begin(_ image: Image) throws(CodecError) {
    header.withLock { $0 = image }
    try next?.begin(image)
  }

  func receive(_ rows: Image) throws(CodecError) { try next?.receive(rows) }
}
