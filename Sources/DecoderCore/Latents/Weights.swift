/// The layers and tables of a trained model, as training/export.py writes them (docs/FORMAT.md §7).
package struct Weights: Sendable {
  private var convolutions: [String: Convolution] = [:]
  private var depthwise: [String: Depthwise] = [:]
  private var tables: [String: Table] = [:]
  private var vectors: [String: [Int16]] = [:]
  /// Where the vectors' entries stand, names included.
  private var vectorRanges: [(name: String, range: Range<Int>)] = []
  /// What the model is built like.
  package let shape: ModelShape
  /// CRC-32 of the file: names the model in a bitstream.
  package let hash: UInt32

  private static let signature = Array("RDCM".utf8)
  private static let version = 5

  /// Rows of 32-bit values.
  package struct Table: Sendable {
    package let rows: Int
    package let columns: Int
    package let values: [Int32]
  }

  /// Parses a weights file; `checksum`: its CRC-32, where that is known.
  package init(_ bytes: [UInt8], checksum: UInt32? = nil) throws(CodecError) {
    hash = checksum ?? Checksum.crc32(bytes, in: 0..<bytes.count)
    var reader = ByteReader(bytes)
    let entries = try Weights.readHeader(&reader)
    shape = try ModelShape(&reader)
    for _ in 0..<entries {
      let entry = reader.position
      let name = String(decoding: try reader.bytes(Int(try reader.uint8())), as: UTF8.self)
      let start = reader.position
      switch try reader.uint8() {
      case 0: convolutions[name] = try Weights.readConvolution(&reader, start: start)
      case 1: depthwise[name] = try Weights.readDepthwise(&reader, start: start)
      case 2: tables[name] = try Weights.readTable(&reader)
      case 3:
        guard vectors[name] == nil else { throw .corrupt(field: "model entry \(name)", at: entry) }
        vectors[name] = try reader.int16s(Int(clamping: try reader.uint32()))
        vectorRanges.append((name, entry..<reader.position))
      default: throw .corrupt(field: "kind of layer \(name)", at: start)
      }
    }
    guard reader.remaining == 0 else {
      throw .corrupt(field: "bytes after the last layer", at: reader.position)
    }
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
    guard let layer = convolutions[name], layer.inputs == inputs, layer.outputs == outputs,
      layer.rows == rows, layer.columns == columns
    else { throw .corrupt(field: "model layer \(name)", at: 0) }
    return layer
  }

  /// The 3×3 depthwise convolution called `name`.
  package func depthwise(_ name: String, channels: Int) throws(CodecError) -> Depthwise {
    guard let layer = depthwise[name], layer.channels == channels else {
      throw .corrupt(field: "model layer \(name)", at: 0)
    }
    return layer
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
    guard let table = tables[name], table.rows == rows, table.columns == columns else {
      throw .corrupt(field: "model table \(name)", at: 0)
    }
    return table
  }

  /// The start state called `name`; without one, nothing is learned.
  package func start(_ name: String, _ layout: LatentLayout) throws(CodecError) -> LatentStart {
    guard let values = vectors[name] else { return LatentStart(layout) }
    return try LatentStart(layout, values: values)
  }

  /// The experts of latents and of hyperlatents, where the file has them.
  package func experts() throws(CodecError) -> (latents: LatentExpert?, hyperlatents: LatentExpert?)
  {
    (
      try vectors["expert.latents"].map { values throws(CodecError) in
        try LatentExpert(latents: values, shape)
      },
      try vectors["expert.hyperlatents"].map { values throws(CodecError) in
        try LatentExpert(hyperlatents: values, shape)
      }
    )
  }

  private static func readConvolution(
    _ reader: inout ByteReader, start: Int
  ) throws(CodecError) -> Convolution {
    let outputs = try reader.uint16()
    let rows = try reader.uint16()
    let columns = try reader.uint16()
    let inputs = try reader.uint16()
    let shift = Int(try reader.uint8())
    guard (1...30).contains(shift) else { throw .corrupt(field: "layer shift", at: start) }
    // The kernels read pairs of inputs; 64 keeps the products below far from overflow.
    guard (1...64).contains(rows), (1...64).contains(columns), (columns * inputs).isMultiple(of: 2)
    else { throw .corrupt(field: "layer shape", at: start) }
    let bias = try reader.int32s(outputs)
    let weights = try reader.int16s(
      Int(clamping: Int64(outputs * rows) * Int64(columns * inputs)))
    return Convolution(
      outputs: outputs, rows: rows, columns: columns, inputs: inputs, shift: shift, bias: bias,
      weights: weights)
  }

  private static func readDepthwise(
    _ reader: inout ByteReader, start: Int
  ) throws(CodecError) -> Depthwise {
    let channels = try reader.uint16()
    let shift = Int(try reader.uint8())
    guard (1...30).contains(shift) else { throw .corrupt(field: "layer shift", at: start) }
    let bias = try reader.int32s(channels)
    return Depthwise(
      channels: channels, shift: shift, bias: bias, weights: try reader.int16s(9 * channels))
  }

  private static func readTable(_ reader: inout ByteReader) throws(CodecError) -> Table {
    let rows = try reader.uint16()
    let columns = try reader.uint16()
    let values = try reader.int32s(Int(clamping: Int64(rows) * Int64(columns)))
    return Table(rows: rows, columns: columns, values: values)
  }
}

extension Weights {
  /// A weights file without the vectors that `isDropped` names.
  package static func withoutVectors(
    _ bytes: [UInt8], where isDropped: (String) -> Bool
  ) throws(CodecError) -> [UInt8] {
    let dropped = try Weights(bytes).vectorRanges.filter { isDropped($0.name) }
    var rest = bytes
    for (_, range) in dropped.reversed() { rest.removeSubrange(range) }
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
