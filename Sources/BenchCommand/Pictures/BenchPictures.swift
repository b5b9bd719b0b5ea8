import CommandSupport
import RDCodec

/// The pictures that a page shows: originals, and what codecs made of them at about equal bytes.
struct BenchPictures: Sendable {
  /// What one codec made of one image at one of rdcodec's rates.
  struct Entry: Sendable {
    var codec: String
    /// As the codec calls it.
    var setting: String
    var byteCount: Int
    var bitsPerPixel: Double
    /// Of the whole image.
    var distortion: Distortion
    var picture: EmbeddedPicture
  }

  /// rdcodec at one setting, and the others beside it.
  struct Rate: Sendable {
    var label: String
    /// rdcodec first.
    var entries: [Entry]
  }

  struct Shown: Sendable {
    var file: String
    var width: Int
    var height: Int
    /// Of the image, in pixels.
    var crop: PictureCrop
    var original: EmbeddedPicture
    var originalByteCount: Int
    var rates: [Rate]

    var byteCount: Int {
      rates.reduce(original.bytes.count) { sum, rate in
        rate.entries.reduce(sum) { $0 + $1.picture.bytes.count }
      }
    }
  }

  /// Pictures stop here, lest the page becomes too large for a browser or a mail.
  static let maximumByteCount = 24 << 20
  /// As many rates as tell the codecs apart; more would only fill the page.
  static let maximumRateCount = 3

  var shown: [Shown] = []
  /// The images that were measured.
  var imageCount = 0
  /// Images that were wanted and did not fit.
  var droppedCount = 0

  /// What is not shown, and why; nil where every image is shown whole.
  var note: String? {
    var parts: [String] = []
    if shown.count < imageCount {
      let verb = shown.count == 1 ? "is" : "are"
      parts.append("\(shown.count) of \(imageCount) images \(verb) shown.")
    }
    if droppedCount > 0 {
      parts.append(
        "\(droppedCount) more did not fit into the \(Self.maximumByteCount >> 20) MiB that a page "
          + "may hold.")
    }
    if shown.contains(where: { !$0.crop.isWhole }) {
      parts.append("Of large images the middle is shown; figures are of all of it.")
    }
    return parts.isEmpty ? nil : parts.joined(separator: " ")
  }

  /// `count` of `total` places, evenly spread; all where there are no more.
  static func spread(_ count: Int, over total: Int) -> [Int] {
    guard count < total else { return Array(0..<total) }
    return (0..<count).map { (2 * $0 + 1) * total / (2 * count) }
  }
}
