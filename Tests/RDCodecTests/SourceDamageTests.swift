import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// Damaged files that have a source: they throw, or decode to the image that was encoded.
@Suite struct SourceDamageTests {
  private static let chromas: [SourceImages.Chroma] = [.full, .triangle]

  private func file(_ chroma: SourceImages.Chroma) async throws -> [UInt8] {
    let image = SourceImages.jpegLike(chroma, width: 40, height: 30)
    let file = try await encode(image, EncoderOptions(effort: 1, verify: false)).bytes
    #expect(try inspect(file).source.hasPrefix("lattice"))
    return file
  }

  private func decodeSmall(_ bytes: [UInt8]) async throws(CodecError) -> Image {
    try await decode(bytes, DecoderOptions(limits: ContainerFiles.limits))
  }

  @Test(arguments: chromas)
  func everyTruncationThrows(chroma: SourceImages.Chroma) async throws {
    let bytes = try await file(chroma)
    for count in bytes.indices {
      await #expect(throws: CodecError.self) { try await decodeSmall(Array(bytes.prefix(count))) }
    }
  }

  @Test(arguments: chromas)
  func changedStreamsWithFittingChecksumsNeverTrap(chroma: SourceImages.Chroma) async throws {
    let bytes = try await file(chroma)
    let whole = try await decodeSmall(bytes)
    let start = try ContainerFiles.header(of: bytes).end
    var random = SplitMix64(seed: 12)
    for _ in 0..<150 {
      let offset = Int.random(in: start..<bytes.count, using: &random)
      let mask = UInt8.random(in: 1...255, using: &random)
      let damaged = try ContainerFiles.flipping(offset, by: mask, in: bytes)
      await ContainerFiles.decodeHostile(damaged)
      if let image = try? await decodeSmall(damaged) { #expect(image == whole) }
    }
  }

  @Test(arguments: chromas)
  func changedSourcesNeverTrap(chroma: SourceImages.Chroma) async throws {
    let bytes = try await file(chroma)
    let (header, end) = try ContainerFiles.header(of: bytes)
    let first = ContainerFiles.Offset.boxes - 1
    #expect(header.source != nil)
    var random = SplitMix64(seed: 13)
    for offset in first...first + 50 {
      for mask in [1, 0x80, UInt8.random(in: 1...255, using: &random)] {
        var damaged = bytes
        damaged[offset] ^= mask
        damaged = ContainerFiles.withChecksum(Array(damaged[..<(end - 4)])) + bytes[end...]
        await ContainerFiles.decodeHostile(damaged)
      }
    }
  }

  @Test func refusesASourceWhereNoneCanBe() async throws {
    let bytes = try await ContainerFiles.small(.init(.grey, 8))
    let damaged = try ContainerFiles.setting(ContainerFiles.Offset.boxes - 1, to: 1, in: bytes)
    await #expect(throws: CodecError.self) { try await decodeSmall(damaged) }
    let other = try ContainerFiles.setting(ContainerFiles.Offset.boxes - 1, to: 9, in: bytes)
    let error = await #expect(throws: CodecError.self) { try await decodeSmall(other) }
    guard case .corrupt("source", _) = error else {
      Issue.record("threw \(String(describing: error))")
      return
    }
  }
}
