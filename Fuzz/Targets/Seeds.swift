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
    for (index, text) in jpegs.enumerated() {
      put(Array(Data(base64Encoded: text)!), .jpeg, "\(index)", folder)
    }
    put(OtherShape.weights(tiny), .weights, "tiny", folder)
    for index in 0..<40 {
      var random = SplitMix64(seed: UInt64(index))
      put(
        (0..<13 + index % 40).map { _ in .random(in: 0...255, using: &random) }, .roundtrip,
        "\(index)", folder)
    }
  }

  /// 20 × 12 pixels: chroma of half the size, progressive, grey.
  private static let jpegs = [
    """
    /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4p\
    LSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09P\
    T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wAARCAAMABQDASIA\
    AhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAABQYA/8QAHhAAAQQCAwEAAAAAAAAAAAAAAQACAxEE\
    BRIhIoH/xAAXAQADAQAAAAAAAAAAAAAAAAAAAgQF/8QAHxEAAgICAQUAAAAAAAAAAAAAAQIAAwQR\
    EgUUIUGR/9oADAMBAAIRAxEAPwCYwdRdeVQYelAALm0EprMaI15TuvxopHBzm9qMWrwUkbLQw8tp\
    G5sLo8gx4xdxYKNNBBP1ZNNibMDI++TjZrpZN3Fa+OA+CYtnWcqxyyuwB9bM/9k=
    """,
    """
    /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dA\
    RkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+gXz/2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8\
    fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHz/wgARCAAMABQDAREA\
    AhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAABAMB/8QAGAEAAwEBAAAAAAAAAAAAAAAAAQIDAAX/\
    2gAMAwEAAhADEAAAARJlm+GF5wSl4Nz/AP/EABkQAAMAAwAAAAAAAAAAAAAAAAABAgMhMf/aAAgB\
    AQABBQKYJxlLcIlHT//EABkRAAMBAQEAAAAAAAAAAAAAAAABAhEDBP/aAAgBAwEBPwFUTR19FKsl\
    iYmbp//EABsRAQEAAgMBAAAAAAAAAAAAAAEAAhIDESEx/9oACAECAQE/AT2cT6wYXFYu722y3//E\
    ABYQAAMAAAAAAAAAAAAAAAAAABAgIf/aAAgBAQAGPwIRP//EABoQAAICAwAAAAAAAAAAAAAAAAAB\
    EBExQWH/2gAIAQEAAT8hhKKacEi2Vkz/2gAMAwEAAgADAAAAEArqP//EABoRAQEAAgMAAAAAAAAA\
    AAAAAAEAEDERIXH/2gAIAQMBAT8QxPTgHm5Ji5pXbf/EABoRAAMBAAMAAAAAAAAAAAAAAAABESFx\
    gfD/2gAIAQIBAT8QYJKkQ+tTfujQ4GG2cH//xAAYEAEBAQEBAAAAAAAAAAAAAAABEQAhUf/aAAgB\
    AQABPxC85hAUmS6wR4e7h5khTB9C1nN//9k=
    """,
    """
    /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIf\
    IiEmKzcvJik0KSEiMEExNDk7Pj4+JS5ESUM8SDc9Pjv/wAALCAAMABQBAREA/8QAFgABAQEAAAAA\
    AAAAAAAAAAAABgUC/8QAJBAAAgAGAgAHAAAAAAAAAAAAAQIAAwQFERIGIiExQWGBkaH/2gAIAQEA\
    AD8AGW3j22OkKqDjShQzKAPeM3GmeTVGTSFgiABiEUgt6+f18Rcs9FIOvSE1ro5E1wzrkn8iAkhK\
    gGc+dnJJ18BmP//Z
    """,
  ]

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
