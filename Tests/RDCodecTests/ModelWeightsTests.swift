import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// Parsing of model files.
@Suite struct ModelWeightsTests {
  /// A file with one layer of each kind.
  private static let small: [UInt8] = {
    var writer = ByteWriter()
    writer.append(Array("RDCM".utf8))
    writer.uint16(5)
    writer.uint16(4)
    writer.append(OtherShape.small.bytes)
    writeName("wide", kind: 0, to: &writer)
    for value in [3, 2, 2, 5] { writer.uint16(value) }
    writer.uint8(9)
    writer.append((0..<12).map { UInt8($0) })
    writer.append((0..<120).map { UInt8($0) })
    writeName("deep", kind: 1, to: &writer)
    writer.uint16(4)
    writer.uint8(7)
    writer.append([UInt8](repeating: 1, count: 4 * 4 + 2 * 36))
    writeName("table", kind: 2, to: &writer)
    writer.uint16(2)
    writer.uint16(3)
    for value in 1...6 { writer.uint32(UInt32(value)) }
    writeName("vector", kind: 3, to: &writer)
    writer.uint32(3)
    writer.append([1, 0, 2, 0, 255, 255])
    return writer.bytes
  }()

  private static func writeName(_ name: String, kind: UInt8, to writer: inout ByteWriter) {
    writer.uint8(UInt8(name.utf8.count))
    writer.append(Array(name.utf8))
    writer.uint8(kind)
  }

  @Test func layersAreFoundByNameAndShape() throws {
    let weights = try Weights(Self.small)
    #expect(weights.name == Learned.name(Learned.digest(weights: Self.small)))
    #expect(try weights.convolution("wide", inputs: 5, outputs: 3, rows: 2, columns: 2).shift == 9)
    #expect(try weights.depthwise("deep", channels: 4).shift == 7)
    #expect(try weights.table("table", rows: 2, columns: 3).values == [1, 2, 3, 4, 5, 6])
    #expect(throws: CodecError.corrupt(field: "model layer wide", at: 0)) {
      _ = try weights.convolution("wide", inputs: 5, outputs: 3)
    }
    #expect(throws: CodecError.corrupt(field: "model layer other", at: 0)) {
      _ = try weights.depthwise("other", channels: 4)
    }
    #expect(throws: CodecError.corrupt(field: "model table table", at: 0)) {
      _ = try weights.table("table", rows: 3, columns: 2)
    }
  }

  /// A file of blocks of two channels.
  private static func blocks(_ names: [String]) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(Array("RDCM".utf8))
    writer.uint16(5)
    writer.uint16(3 * names.count)
    writer.append(OtherShape.small.bytes)
    for name in names {
      writeName(name + ".depthwise", kind: 1, to: &writer)
      writer.uint16(2)
      writer.uint8(9)
      writer.append([UInt8](repeating: 0, count: 2 * 4 + 2 * 18))
      for layer in [".expand", ".project"] {
        writeName(name + layer, kind: 0, to: &writer)
        for value in [2, 1, 1, 2] { writer.uint16(value) }
        writer.uint8(9)
        writer.append([UInt8](repeating: 0, count: 2 * 4 + 2 * 4))
      }
    }
    return writer.bytes
  }

  @Test func blocksAreAsManyAsTheShapeSays() throws {
    let weights = try Weights(Self.blocks(["b.0", "b.1", "b.3"]))
    for count in 0...2 {
      let chain = ModelShape.Chain(blocks: count, expansion: 1)
      #expect(try weights.blocks("b", channels: 2, chain).count == count)
    }
    #expect(throws: CodecError.corrupt(field: "model layer b.2.depthwise", at: 0)) {
      _ = try weights.blocks("b", channels: 2, .init(blocks: 3, expansion: 1))
    }
  }

  @Test func vectorsAreReplacedAtTheEnd() throws {
    let without = try Weights.withoutVectors(Self.small) { $0 == "vector" }
    #expect(without.count == Self.small.count - 18)
    #expect(Weights.adding([("vector", [1, 2, -1])], to: without) == Self.small)
    // Wherever it stands, and the others stay.
    let three = Weights.adding([("a", [1]), ("start.b", [2, 3]), ("c", [4])], to: without)
    #expect(
      try Weights.withoutVectors(three) { $0.hasPrefix("start.") }
        == Weights.adding([("a", [1]), ("c", [4])], to: without))
    #expect(throws: CodecError.self) { try Weights(Weights.adding([("a", [5])], to: three)) }
    // A start of another size.
    let layout = LatentLayout.latents(OtherShape.small, hasExpert: true)
    #expect(throws: CodecError.corrupt(field: "model start", at: 0)) {
      try Weights(Self.small).start("vector", layout)
    }
    #expect(
      try Weights(without).start("vector", layout).values().count == layout.valueCount)
  }

  @Test func everyTruncationThrows() {
    for count in Self.small.indices {
      #expect(throws: CodecError.self) { try Weights(Array(Self.small.prefix(count))) }
    }
  }

  @Test func damageNeverTraps() {
    var random = SplitMix64(seed: 21)
    for _ in 0..<3000 {
      var damaged = Self.small
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let place = Int.random(in: 0..<damaged.count, using: &random)
        damaged[place] = Bool.random(using: &random) ? 255 : .random(in: 0...255, using: &random)
      }
      _ = try? Weights(damaged)
    }
  }

  @Test(
    arguments: [
      [65535, 65535, 65535, 65535], [3, 1, 1, 5], [3, 0, 2, 5], [1, 65535, 65535, 2],
    ])
  func refusesShapesThatNoLayerHas(shape: [Int]) {
    var damaged = Self.small
    let start = 14 + OtherShape.small.bytes.count
    for (index, value) in shape.enumerated() {
      damaged[start + 2 * index] = UInt8(value & 255)
      damaged[start + 1 + 2 * index] = UInt8(value >> 8)
    }
    #expect(throws: CodecError.self) { try Weights(damaged) }
  }

  @Test func theEmbeddedModelIsWhole() throws {
    let bytes = BuiltIn.weights(.psnr)
    let model = try EncoderModel.embedded.get()
    #expect(model.name == Learned.name(Learned.digest(weights: bytes)))
    // The program has the names written down.
    for tuning in Tuning.allCases {
      let bytes = BuiltIn.weights(tuning)
      let digest = Learned.digest(weights: bytes)
      #expect(BuiltIn.modelIdentifier(of: tuning) == digest.text)
      #expect(BuiltIn.tuning(ofModel: Learned.name(digest)) == tuning)
    }
    for fraction in [0, 1, 100, 500, 999] {
      let cut = Array(bytes.prefix(bytes.count * fraction / 1000))
      #expect(throws: CodecError.self) { try LatentModel(Weights(cut)) }
    }
    #expect(throws: CodecError.self) { try LatentModel(Weights(Array(bytes.dropLast()))) }
  }

  @Test func gainsRiseWithTheQuality() throws {
    let model = try EncoderModel.embedded.get()
    var last = Int64.max
    for quality in stride(from: 1.0, through: 100, by: 11) {
      let sum = model.gains(at: QualityPosition(quality: quality)).steps.reduce(0, +)
      #expect(sum < last)
      last = sum
    }
  }
}
