import CommandSupport
import RDCodec

/// A picture inside a page, exact to the sample.
struct EmbeddedPicture: Sendable {
  var mediaType: String
  var bytes: [UInt8]

  var dataURI: String { "data:\(mediaType);base64,\(Data(bytes).base64EncodedString())" }
}

/// Makes pictures for a page: PNG, or lossless WebP where its tool is there and makes less of it.
struct PictureWriter: Sendable {
  private let tool = Tool("cwebp")

  func picture(_ image: Image) throws -> EmbeddedPicture {
    let png = try writeImage(image, as: .png)
    if let webp = webp(png), webp.count < png.count {
      return EmbeddedPicture(mediaType: "image/webp", bytes: webp)
    }
    return EmbeddedPicture(mediaType: "image/png", bytes: png)
  }

  /// About a quarter less than PNG at the fastest setting, and hardly more at the slower ones; nil
  /// where that is not to be had.
  private func webp(_ png: [UInt8]) -> [UInt8]? {
    guard let tool else { return nil }
    let base = FileManager.default.temporaryDirectory
      .appendingPathComponent("rdcodec-picture-\(UUID().uuidString)")
    let (input, output) = (base.appendingPathExtension("png"), base.appendingPathExtension("webp"))
    defer {
      for url in [input, output] { try? FileManager.default.removeItem(at: url) }
    }
    guard (try? Data(png).write(to: input)) != nil,
      (try? tool.run(
        ["-quiet", "-lossless", "-exact", "-z", "0", input.path, "-o", output.path])) != nil,
      let bytes = try? InputFile.read(output.path), Self.isWebP(bytes)
    else { return nil }
    return bytes
  }

  private static func isWebP(_ bytes: [UInt8]) -> Bool {
    bytes.count > 12 && bytes.prefix(4).elementsEqual("RIFF".utf8)
      && bytes[8..<12].elementsEqual("WEBP".utf8)
  }
}
