import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// Damaged files that hold coefficients: they throw, or decode to the image that was encoded.
@Suite struct CoefficientDamageTests {
  private static let kinds: [CoefficientImages.Kind] = [
    .init(name: "4:2:0", quality: 75, sampling: CoefficientImages.Kind.half),
    .init(name: "clamped", quality: 60, contrast: 3),
    .init(name: "grey", quality: 75, isGrey: true, hasOwnTables: true),
    .init(
      name: "scaled", quality: 75, sampling: CoefficientImages.Kind.replicated, scalesChroma: true),
    .init(name: "fast", quality: 75, method: .fast),
  ]

  /// The bits of methods stand beside luma's phase, and only where a decoder would use them.
  @Test func methodsAreWrittenAndChecked() throws {
    let (half, replicated) = (CoefficientImages.Kind.half, CoefficientImages.Kind.replicated)
    func source(_ sampling: ChromaSampling?) -> CoefficientSource {
      let size = sampling?.cellSize(width: 40, height: 24) ?? (columns: 40, rows: 24)
      let luma = BlockGrid(width: 40, height: 24, columnPhase: 3, rowPhase: 1)
      let chroma = BlockGrid(width: size.columns, height: size.rows, columnPhase: 1, rowPhase: 0)
      let table = QuantisationTable(code: 80)
      return CoefficientSource(
        sampling: sampling, grids: [luma, chroma, chroma], tables: [table, table, table])
    }
    func read(_ source: CoefficientSource, keepsFile: Bool = false) throws -> CoefficientSource {
      var writer = ByteWriter()
      source.write(to: &writer)
      var reader = ByteReader(writer.bytes)
      var result = try CoefficientSource(
        &reader, width: 40, height: 24, isColor: true, keepsFile: keepsFile)
      result.keepsFile = false
      return result
    }
    for method in [InverseDCT.Method.exact, .fast] {
      for scales in [false, true] {
        for sampling in [nil, half, replicated] {
          var source = source(sampling)
          source.method = method
          source.scalesChroma = scales
          if !scales || sampling == replicated {
            #expect(try read(source) == source)
          } else {
            #expect(throws: CodecError.self) { try read(source) }
          }
          if method == .fast || scales {
            #expect(throws: CodecError.self) { try read(source, keepsFile: true) }
          }
        }
      }
    }
  }

  private func file(_ kind: CoefficientImages.Kind) async throws -> [UInt8] {
    var image = CoefficientImages.image(kind, width: 72, height: 56)
    // A few samples of their own, so that there is something to correct.
    for plane in image.planes.indices { image.planes[plane][1000] ^= 40 }
    let file = try await encode(image, EncoderOptions(effort: 1, verify: false)).bytes
    #expect(try inspect(file).source.hasPrefix("JPEG"))
    return file
  }

  private func decodeSmall(_ bytes: [UInt8]) async throws(CodecError) -> Image {
    try await decode(bytes, DecoderOptions(limits: ContainerFiles.limits))
  }

  /// Headers are read before memory is limited, so they count cells without a list of them.
  @Test(arguments: ChromaSampling.Filter.allCases)
  func cellsAreCountedWithoutALine(filter: ChromaSampling.Filter) {
    for sampling in ChromaSampling.allCases(filter) {
      for length in 1...9 {
        let size = sampling.cellSize(width: length, height: 2 * length)
        #expect(size.columns == sampling.columns(width: length).cellCount)
        #expect(size.rows == sampling.rows(height: 2 * length).cellCount)
      }
      let side = Int(Int32.max)
      #expect(sampling.cellSize(width: side, height: side).columns >= side / 2)
    }
  }

  @Test(arguments: kinds)
  func everyTruncationThrows(kind: CoefficientImages.Kind) async throws {
    let bytes = try await file(kind)
    for count in bytes.indices {
      await #expect(throws: CodecError.self) { try await decodeSmall(Array(bytes.prefix(count))) }
    }
  }

  @Test(arguments: kinds)
  func changedStreamsWithFittingChecksumsNeverTrap(kind: CoefficientImages.Kind) async throws {
    let bytes = try await file(kind)
    let whole = try await decodeSmall(bytes)
    let start = try ContainerFiles.header(of: bytes).end
    var random = SplitMix64(seed: 12)
    for _ in 0..<200 {
      let offset = Int.random(in: start..<bytes.count, using: &random)
      let mask = UInt8.random(in: 1...255, using: &random)
      let damaged = try ContainerFiles.flipping(offset, by: mask, in: bytes)
      await ContainerFiles.decodeHostile(damaged)
      if let image = try? await decodeSmall(damaged) { #expect(image == whole) }
    }
  }

  @Test(arguments: kinds)
  func changedSourcesNeverTrap(kind: CoefficientImages.Kind) async throws {
    let bytes = try await file(kind)
    let (_, end) = try ContainerFiles.header(of: bytes)
    let first = ContainerFiles.Offset.boxes - 1
    var random = SplitMix64(seed: 13)
    for offset in first...min(first + 75, end - 5) {
      for mask in [1, 0x80, UInt8.random(in: 1...255, using: &random)] {
        var damaged = bytes
        damaged[offset] ^= mask
        damaged = ContainerFiles.withChecksum(Array(damaged[..<(end - 4)])) + bytes[end...]
        await ContainerFiles.decodeHostile(damaged)
      }
    }
  }
}
