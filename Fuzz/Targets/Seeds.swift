import Foundation
import TestSupport

@testable import DecoderCore
@testable import RDCodec

/// Small files that targets start from; bitstreams come from the golden files.
enum Seeds {
  static func write(to folder: URL) {
    for target in Target.allCases {
      try! FileManager.default.createDirectory(
        at: folder.appending(path: target.rawValue), withIntermediateDirectories: true)
    }
    for (index, kind) in SyntheticImages.kinds.enumerated() {
      let image = SyntheticImages.image(kind, width: 11, height: 6, hasMetadata: true)
      for (format, target) in [(ImageFormat.png, Target.png), (.pam, .netpbm), (.pnm, .netpbm)] {
        guard let bytes = try? writeImage(image, as: format) else { continue }
        put(bytes, target, "\(format.name)-\(index)", folder)
      }
    }
    let plain = [
      "P1\n# bits\n3 2\n101\n0 1 0\n", "P2 3 2 15 0 1 2 3 14 15\n",
      "P3\n2 1\n# colours\n1000\n0 1 2 998 999 1000\n",
      "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\nabcd",
    ]
    for (index, text) in plain.enumerated() {
      put(Array(text.utf8), .netpbm, "plain-\(index)", folder)
    }
    let jpegs = JPEGSamples.all + JPEGSamples.others.map(\.bytes)
    for (index, bytes) in jpegs.enumerated() {
      put(bytes, .jpeg, "\(index)", folder)
      // Files with one to four components, kept.
      let packed = MainLoop.attempt { () async throws(CodecError) in
        let reader = try ImageFormat.reader(of: ByteSource(bytes))
        return try await encode(
          reader, EncoderOptions(effort: 1, verify: false, hasPreview: index % 2 == 0)
        ).pieces.flatMap { $0 }
      }
      if case .success(let packed) = packed { put(packed, .decode, "jpeg-\(index)", folder) }
    }
    put(OtherShape.weights(tiny), .weights, "tiny", folder)
    for index in 0..<40 {
      var random = SplitMix64(seed: UInt64(index))
      put(
        (0..<13 + index % 40).map { _ in .random(in: 0...255, using: &random) }, .roundtrip,
        "\(index)", folder)
    }
  }

  /// As few weights as a model can have.
  private static var tiny: ModelShape {
    var shape = OtherShape.small
    shape.width = 8
    shape.analysis = .init(blocks: 0, expansion: 1)
    shape.hyperSynthesis = .init(blocks: 0, expansion: 1)
    shape.prior = .init(blocks: 1, expansion: 1)
    shape.synthesis = .init(blocks: 1, expansion: 1)
    shape.postWidth = 2
    shape.post = .init(blocks: 1, expansion: 1)
    shape.groups = [
      .init(channels: 8, reachOfGroups: 0, reachOfFirstHalf: 1),
      .init(channels: 8, reachOfGroups: 1, reachOfFirstHalf: 0),
    ]
    shape.expertWidth = 8
    return shape
  }

  private static func put(_ bytes: [UInt8], _ target: Target, _ name: String, _ folder: URL) {
    try! Data(bytes).write(to: folder.appending(path: "\(target.rawValue)/\(name)"))
  }
}
