@testable import DecoderCore
@testable import RDCodec

enum OtherModel {
  /// The embedded model under another name: one more entry, which decoders pass over.
  static let weights: [UInt8] = {
    var bytes = BuiltIn.weights(.psnr)
    let count = Int(bytes[6]) + Int(bytes[7]) << 8 + 1
    bytes[6] = UInt8(count & 255)
    bytes[7] = UInt8(count >> 8)
    return bytes + [5] + Array("other".utf8) + [2, 1, 0, 1, 0, 7, 0, 0, 0]
  }()
}
