import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

@Suite struct ContainerBytesTests {
  @Test(arguments: [0, 1, 127, 128, 16383, 16384, 1 << 31, 1 << 56 - 1, Int.max])
  func varintsComeBack(value: Int) throws {
    var writer = ByteWriter()
    writer.varint(value)
    var reader = ByteReader(writer.bytes)
    #expect(try reader.varint(limit: .max, field: "value") == value)
    #expect(reader.remaining == 0)
    for count in writer.bytes.indices {
      var cut = ByteReader(Array(writer.bytes.prefix(count)))
      #expect(throws: CodecError.truncated(at: count)) {
        _ = try cut.varint(limit: .max, field: "value")
      }
    }
    var limited = ByteReader(writer.bytes)
    guard value > 0 else { return }
    #expect(throws: CodecError.corrupt(field: "value", at: 0)) {
      _ = try limited.varint(limit: UInt64(value - 1), field: "value")
    }
  }

  @Test func aVarintThatDoesNotEndIsRefused() {
    var reader = ByteReader([UInt8](repeating: 0xFF, count: 20))
    #expect(throws: CodecError.corrupt(field: "value", at: 0)) {
      _ = try reader.varint(limit: .max, field: "value")
    }
  }

  @Test func valuesOfEveryWidthComeBack() throws {
    var writer = ByteWriter()
    writer.uint8(0xAB)
    writer.uint16(0xCDEF)
    writer.uint32(0x0123_4567)
    writer.append([1, 2, 3])
    #expect(writer.bytes == [0xAB, 0xEF, 0xCD, 0x67, 0x45, 0x23, 0x01, 1, 2, 3])
    var reader = ByteReader(writer.bytes)
    #expect(try reader.uint8() == 0xAB)
    #expect(try reader.uint16() == 0xCDEF)
    #expect(try reader.uint32() == 0x0123_4567)
    #expect(try reader.bytes(3) == [1, 2, 3])
    #expect(throws: CodecError.truncated(at: 10)) { _ = try reader.uint8() }
    #expect(throws: CodecError.truncated(at: 10)) { _ = try reader.bytes(1) }
    #expect(throws: CodecError.truncated(at: 10)) { _ = try reader.uint32() }
  }

  @Test func arraysAreSignedAndLittleEndian() throws {
    var shorts = ByteReader([0xFF, 0xFF, 0x00, 0x80, 0x34, 0x12, 0])
    #expect(try shorts.int16s(3) == [-1, -32768, 0x1234])
    #expect(throws: CodecError.truncated(at: 6)) { _ = try shorts.int16s(1) }
    var longs = ByteReader([0xFE, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0x80])
    #expect(try longs.int32s(2) == [-2, .min])
    #expect(throws: CodecError.truncated(at: 8)) { _ = try longs.int32s(1) }
  }
}
