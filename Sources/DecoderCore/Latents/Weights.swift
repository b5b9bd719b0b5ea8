/// The layers and tables of a trained model, as training/export.py writes them (docs/FORMAT.md §7).
///
/// They are looked through once, and made into arrays as they are asked for.
package struct Weights: Sendable {
  private enum Kind: UInt8 { case convolution, depthwise, table, vector }

  private struct Entry {
    let kind: Kind
    /// The bytes behind its kind.
    let start: Int
    /// All of it, its name included.
    let range: Range<Int>
  }

  private let bytes: ByteStore
  private var entries: [String: Entry] = [:]
  /// What the model is built like.
  package let shape: ModelShape
  /// Names the model in a bitstream: ``Learned/name(_:)``.
  package let name: UInt64

  private static let signature = Array("RDCM".utf8)
  private static let version = 5

  /// Rows of 32-bit values.
  package struct Table: Sendable {
    package let rows: Int
    package let columns: Int
    package let values: [Int32]
  }

  /// A weights file.
  package init(_ bytes: [UInt8]) throws(CodecError) {
    try self.init(.array(bytes), name: Learned.name(Learned.digest(weights: bytes)))
  }

  /// `name`: what these bytes are called.
  package init(_ bytes: ByteStore, name: UInt64) throws(CodecError) {
    self.bytes = bytes
    self.name = name
    var reader = ByteReader(bytes)
    let count = try Weights.readHeader(&reader)
    shape = try ModelShape(&reader)
    for _ in 0..<count {
      let first = reader.position
      let name = String(decoding: try reader.bytes(Int(try reader.uint8())), as: UTF8.self)
      let place = reader.position
      guard let kind = Kind(rawValue: try reader.uint8()) else {
        throw .corrupt(field: "kind of layer \(name)", at: place)
      }
      let start = reader.position
      switch kind {
      case .convolution: try Weights.passConvolution(&reader, start: place)
      case .depthwise: try Weights.passDepthwise(&reader, start: place)
      case .table:
        let (rows, columns) = (try reader.uint16(), try reader.uint16())
        try reader.skip(Int(clamping: 4 * Int64(rows) * Int64(columns)))
      case .vector: try reader.skip(Int(clamping: 2 * Int64(try reader.uint32())))
      }
      guard kind != .vector || entries[name] == nil else {
        throw .corrupt(field: "model entry \(name)", at: first)
      }
      entries[name] = Entry(kind: kind, start: start, range: first..<reader.position)
    }
    guard reader.remaining == 0 else {
      throw .corrupt(field: "bytes after the last layer", at: reader.position)
    }
  }

  /// Reads at an entry of this kind; nil where there is none.
  private func reader(_ name: String, _ kind: Kind) -> ByteReader? {
    guard let entry = entries[name], entry.kind == kind else { return nil }
    return ByteReader(bytes, at: entry.start)
  }

  /// Returns how many entries there are.
  private static func readHeader(_ reader: inout ByteReader) throws(CodecError) -> Int {
    guard try reader.bytes(4) == signature else {
      throw .corrupt(field: "model signature", at: 0)
    }
    guard try reader.uint16() == version else {
      throw .unsupported("this version of a model file")
    }
    return try reader.uint16()
  }

  /// The convolution called `name` with the given shape.
  package func convolution(
    _ name: String, inputs: Int, outputs: Int, rows: Int = 1, columns: Int = 1
  ) throws(CodecError) -> Convolution {
    guard var reader = reader(name, .convolution), try reader.uint16() == outputs,
      try reader.uint16() == rows, try reader.uint16() == columns, try reader.uint16() == inputs
    else { throw .corrupt(field: "model layer \(name)", at: 0) }
    let shift = Int(try reader.uint8())
    let bias = try reader.int32s(outputs)
    return Convolution(
      outputs: outputs, rows: rows, columns: columns, inputs: inputs, shift: shift, bias: bias,
      weights: try reader.int16s(outputs * rows * columns * inputs))
  }

  /// The 3×3 depthwise convolution called `name`.
  package func depthwise(_ name: String, channels: Int) throws(CodecError) -> Depthwise {
    guard var reader = reader(name, .depthwise), try reader.uint16() == channels else {
      throw .corrupt(field: "model layer \(name)", at: 0)
    }
    let shift = Int(try reader.uint8())
    let bias = try reader.int32s(channels)
    return Depthwise(
      channels: channels, shift: shift, bias: bias, weights: try reader.int16s(9 * channels))
  }

  /// The blocks `name`.0, `name`.1 and so on.
  package func blocks(
    _ name: String, channels: Int, _ chain: ModelShape.Chain
  ) throws(CodecError) -> [Block] {
    var blocks: [Block] = []
    for index in 0..<chain.blocks {
      blocks.append(
        try Block(self, "\(name).\(index)", channels: channels, expansion: chain.expansion))
    }
    return blocks
  }

  package func table(_ name: String, rows: Int, columns: Int) throws(CodecError) -> Table {
    guard var reader = reader(name, .table), try reader.uint16() == rows,
      try reader.uint16() == columns
    else { throw .corrupt(field: "model table \(name)", at: 0) }
    return Table(rows: rows, columns: columns, values: try reader.int32s(rows * columns))
  }

  /// The values called `name`; nil without such.
  private func vector(_ name: String) throws(CodecError) -> [Int16]? {
    guard var reader = reader(name, .vector) else { return nil }
    return try reader.int16s(Int(try reader.uint32()))
  }

  /// The start state called `name`; without one, nothing is learned.
  package func start(_ name: String, _ layout: LatentLayout) throws(CodecError) -> LatentStart {
    guard let values = try vector(name) else { return LatentStart(layout) }
    return try LatentStart(layout, values: values)
  }

  /// The experts of latents and of hyperlatents, where the file has them.
  package func experts() throws(CodecError) -> (latents: LatentExpert?, hyperlatents: LatentExpert?)
  {
    (
      try vector("expert.latents").map { values throws(CodecError) in
        try LatentExpert(latents: values, shape)
      },
      try vector("expert.hyperlatents").map { values throws(CodecError) in
        try LatentExpert(hyperlatents: values, shape)
      }
    )
  }

  private static func passConvolution(
    _ reader: inout ByteReader, start: Int
  ) throws(CodecError) {
    let outputs = try reader.uint16()
    let rows = try reader.uint16()
    let columns = try reader.uint16()
    let inputs = try reader.uint16()
    guard (1...30).contains(try reader.uint8()) else {
      throw .corrupt(field: "layer shift", at: start)
    }
    // The kernels read pairs of inputs; 64 keeps the products below far from overflow.
    guard (1...64).contains(rows), (1...64).contains(columns), (columns * inputs).isMultiple(of: 2)
    else { throw .corrupt(field: "layer shape", at: start) }
    try reader.skip(4 * outputs)
    try reader.skip(Int(clamping: 2 * Int64(outputs * rows) * Int64(columns * inputs)))
  }

  private static func passDepthwise(
    _ reader: inout ByteReader, start: Int
  ) throws(CodecError) {
    let channels = try reader.uint16()
    guard (1...30).contains(try reader.uint8()) else {
      throw .corrupt(field: "layer shift", at: start)
    }
    try reader.skip(4 * channels + 2 * 9 * channels)
  }
}

extension Weights {
  /// A weights file without the vectors that `isDropped` names.
  package static func withoutVectors(
    _ bytes: [UInt8], where isDropped: (String) -> Bool
  ) throws(CodecError) -> [UInt8] {
    let dropped = try Weights(bytes).entries.filter { $1.kind == .vector && isDropped($0) }
      .map { $0.value.range }.sorted { $0.lowerBound < $1.lowerBound }
    var rest = bytes
    for range in dropped.reversed() { rest.removeSubrange(range) }
    return counting(-dropped.count, in: rest)
  }

  /// A weights file with more vectors at its end.
  package static func adding(_ vectors: [(name: String, values: [Int16])], to bytes: [UInt8])
    -> [UInt8]
  {
    var writer = ByteWriter()
    writer.append(counting(vectors.count, in: bytes))
    for (name, values) in vectors {
      writer.uint8(UInt8(name.utf8.count))
      writer.append(Array(name.utf8))
      writer.uint8(3)
      writer.uint32(UInt32(values.count))
      for value in values { writer.uint16(Int(UInt16(bitPattern: value))) }
    }
    return writer.bytes
  }

  /// `bytes` with a number of entries that is larger by `change`.
  private static func counting(_ change: Int, in bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    let count = Int(bytes[6]) + Int(bytes[7]) << 8 + change
    (bytes[6], bytes[7]) = (UInt8(count & 255), UInt8(count >> 8))
    return bytes
  }
}
