/// What an image's residual streams hold in place of its own planes.
package enum ImageSource: Equatable, Sendable {
  /// Points of a lattice of colours, chroma perhaps smaller.
  case lattice(ColorSource)
  /// The coefficients of a JPEG file.
  case coefficients(CoefficientSource)

  /// How many streams stand in the place of one for each tile.
  func streamCount(_ tiling: Tiling) -> Int {
    switch self {
    case .lattice(let source): tiling.tileCount + source.streamCount(tiling)
    case .coefficients(let source): source.streamCount
    }
  }

  /// Whether P_dec(x|z) is needed for the exact samples.
  package var needsLatents: Bool {
    switch self {
    case .lattice: true
    case .coefficients: false
    }
  }

  /// A name for reports.
  package var name: String {
    switch self {
    case .lattice(let source): source.name
    case .coefficients(let source): source.name
    }
  }

  package static func write(_ source: ImageSource?, to writer: inout ByteWriter) {
    switch source {
    case nil: writer.uint8(0)
    case .lattice(let source):
      writer.uint8(1)
      source.write(to: &writer)
    case .coefficients(let source):
      writer.uint8(source.components != nil ? 4 : source.keepsFile ? 3 : 2)
      source.write(to: &writer)
    }
  }

  /// Reads a kind and its parameters; an image that cannot have a source is given as no `colors`.
  static func optional(
    _ reader: inout ByteReader, colors: Image.ColorType?, width: Int, height: Int
  ) throws(CodecError) -> ImageSource? {
    let start = reader.position
    let kind = try reader.uint8()
    guard kind < 5 else { throw .corrupt(field: "source", at: start) }
    switch (kind, colors) {
    case (0, _): return nil
    case (1, .rgb): return .lattice(try ColorSource(&reader, width: width, height: height))
    case (2...3, .rgb), (2...3, .grey):
      return .coefficients(
        try CoefficientSource(
          &reader, width: width, height: height, isColor: colors == .rgb, keepsFile: kind == 3))
    case (4, let colorType?):
      return .coefficients(
        try CoefficientSource(&reader, width: width, height: height, colorType: colorType))
    default: throw .corrupt(field: "source of such an image", at: start)
    }
  }
}
