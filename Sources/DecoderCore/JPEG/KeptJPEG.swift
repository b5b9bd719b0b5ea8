/// What is kept of a JPEG file beside the levels that make its picture (docs/FORMAT.md §13.7): its
/// layout, the levels of blocks that show nothing, and what the whole has to be.
package struct KeptJPEG: Equatable, Sendable {
  /// Segments whose contents stand among the image's metadata are empty in it.
  package var layout: JPEGLayout
  /// For each segment of the layout, in order.
  package var segments: [Segment]
  /// Levels of blocks beyond the picture; empty: each has the mean of the one before, and nothing
  /// else.
  package var hidden: [Int16]
  /// Of the JPEG file.
  package var byteCount: Int
  package var checksum: UInt32

  /// Where the contents of a segment are.
  package enum Segment: Equatable, Sendable {
    case own
    case exif
    case xmp
    /// So many bytes of the profile, after those of the segment before.
    case profile(byteCount: Int)
  }

  package init(
    layout: JPEGLayout, segments: [Segment], hidden: [Int16], byteCount: Int, checksum: UInt32
  ) {
    self.layout = layout
    self.segments = segments
    self.hidden = hidden
    self.byteCount = byteCount
    self.checksum = checksum
  }

  /// As it stands in a stream; `deflate` makes zlib streams.
  package func bytes(deflate: ([UInt8]) -> [UInt8]) -> [UInt8] {
    var plain = ByteWriter()
    layout.write(to: &plain)
    for segment in segments {
      switch segment {
      case .own: plain.uint8(0)
      case .exif: plain.uint8(1)
      case .xmp: plain.uint8(2)
      case .profile(let count):
        plain.uint8(3)
        plain.varint(count)
      }
    }
    plain.varint(byteCount)
    plain.uint32(checksum)
    for level in hidden { plain.uint16(Int(UInt16(bitPattern: level))) }
    var writer = ByteWriter()
    writer.varint(plain.bytes.count)
    writer.append(deflate(plain.bytes))
    return writer.bytes
  }

  /// What hostile streams may inflate to beside metadata and hidden levels.
  private static let layoutByteCount = 1 << 20

  init(_ slice: StreamSlice, limits: DecoderLimits) throws(CodecError) {
    let bytes = Array(slice.bytes[slice.range])
    var outer = ByteReader(bytes)
    let count = try outer.varint(limit: 1 << 40, field: "JPEG file")
    let excess = Int64(count) - Int64(Self.layoutByteCount) - 64 * Int64(bytes.count)
    guard excess <= Int64(limits.metadataByteCount) else {
      throw .limitExceeded(
        .metadataByteCount, needed: count, allowed: limits.metadataByteCount)
    }
    guard
      let plain = try? Inflate.bytes(of: try outer.bytes(outer.remaining), limit: count),
      plain.count == count
    else { throw .corrupt(field: "JPEG file", at: slice.start) }
    var reader = ByteReader(plain)
    layout = try JPEGLayout(&reader, limits: limits)
    segments = []
    for case .segment in layout.parts {
      switch try reader.uint8() {
      case 0: segments.append(.own)
      case 1: segments.append(.exif)
      case 2: segments.append(.xmp)
      case 3:
        segments.append(.profile(byteCount: try reader.varint(limit: 65535, field: "JPEG file")))
      default: throw .corrupt(field: "JPEG file", at: slice.start)
      }
    }
    byteCount = try reader.varint(limit: 1 << 40, field: "JPEG file")
    checksum = try reader.uint32()
    guard reader.remaining == 0 || reader.remaining == 2 * layout.frame.hiddenLevelCount else {
      throw .corrupt(field: "JPEG file", at: slice.start)
    }
    hidden = try reader.int16s(reader.remaining / 2)
  }
}

extension JPEGFrame {
  /// Levels of blocks beyond the picture.
  var hiddenLevelCount: Int {
    components.indices.reduce(0) {
      let shown = scanGrid(of: $1)
      return $0 + levelCount(of: $1) - 64 * shown.columns * shown.rows
    }
  }

  /// Whether its components have the planes of `source`.
  func fits(_ source: CoefficientSource) -> Bool {
    components.count == source.grids.count
      && components.indices.allSatisfy {
        scanGrid(of: $0) == (source.grids[$0].columns, source.grids[$0].rows)
      }
  }

  /// The levels of the blocks that show the picture.
  package func shown(_ levels: [Int16], of component: Int) -> [Int16] {
    let (grid, shown) = (grid(of: component), scanGrid(of: component))
    guard grid != shown else { return levels }
    return (0..<shown.rows).flatMap { y in
      levels[64 * y * grid.columns..<64 * (y * grid.columns + shown.columns)]
    }
  }

  /// The levels of all blocks of a component, those beyond the picture from `hidden`, whose first
  /// ones are taken, or as an encoder fills them where there are none.
  fileprivate func all(
    _ levels: [Int16], of component: Int, hidden: inout ArraySlice<Int16>, isPredicted: Bool
  ) -> [Int16] {
    let (grid, shown) = (grid(of: component), scanGrid(of: component))
    guard grid != shown else { return levels }
    let across = components[component].horizontal
    var result: [Int16] = []
    result.reserveCapacity(levelCount(of: component))
    for y in 0..<grid.rows {
      for x in 0..<grid.columns {
        if y < shown.rows, x < shown.columns {
          let start = 64 * (y * shown.columns + x)
          result += levels[start..<start + 64]
        } else if isPredicted {
          // The block before it in its unit; below the picture, the last of the row above.
          let before =
            y < shown.rows
            ? y * grid.columns + x - 1 : (y - 1) * grid.columns + (x / across + 1) * across - 1
          result.append(result[64 * before])
          for _ in 1..<64 { result.append(0) }
        } else {
          result += hidden.prefix(64)
          hidden = hidden.dropFirst(64)
        }
      }
    }
    return result
  }
}

extension KeptJPEG {
  /// The levels that an encoder has to keep beside those of the picture; none where they are as
  /// others fill them.
  package static func hidden(_ levels: [[Int16]], _ frame: JPEGFrame) -> [Int16] {
    var none: ArraySlice<Int16> = []
    let isPredicted = frame.components.indices.allSatisfy {
      frame.all(frame.shown(levels[$0], of: $0), of: $0, hidden: &none, isPredicted: true)
        == levels[$0]
    }
    guard !isPredicted else { return [] }
    return frame.components.indices.flatMap { component -> [Int16] in
      let (grid, shown) = (frame.grid(of: component), frame.scanGrid(of: component))
      return (0..<grid.rows * grid.columns).flatMap { block -> [Int16] in
        let isShown = block / grid.columns < shown.rows && block % grid.columns < shown.columns
        return isShown ? [] : Array(levels[component][64 * block..<64 * block + 64])
      }
    }
  }

  /// The JPEG file, from the levels of the picture and the image's metadata; throws where it is not
  /// what was encoded.
  package func file(
    shown: [[Int16]], metadata: [MetadataItem]
  ) throws(CodecError) -> [UInt8] {
    var rest = hidden[...]
    var levels: [[Int16]] = []
    for component in layout.frame.components.indices {
      levels.append(
        layout.frame.all(
          shown[component], of: component, hidden: &rest, isPredicted: hidden.isEmpty))
    }
    var whole = layout
    whole.parts = try JPEGMetadata(metadata).filling(layout.parts, segments)
    guard let bytes = try? whole.file(levels: levels, byteLimit: byteCount),
      bytes.count == byteCount,
      Checksum.agree(Checksum.crc32(bytes, in: bytes.indices), checksum)
    else {
      throw .wrongContents(.file)
    }
    return bytes
  }
}
