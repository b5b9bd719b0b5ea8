import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// Files that keep every sample within a bound.
@Suite struct CodecNearLosslessTests {
  private func options(_ maximumError: Int, verify: Bool = true) -> EncoderOptions {
    EncoderOptions(
      mode: .nearLossless(maximumError: maximumError), effort: 1, verify: verify,
      allowsExact: false)
  }

  /// The largest distance between samples of equal place, colours first, then alpha.
  private func errors(_ a: Image, _ b: Image) -> (colors: Int, alpha: Int) {
    let distances = zip(a.planes, b.planes).map { p, q in
      zip(p, q).map { abs(Int($0) - Int($1)) }.max() ?? 0
    }
    let colorCount = a.colorType.hasAlpha ? distances.count - 1 : distances.count
    return (distances[..<colorCount].max() ?? 0, distances[colorCount...].max() ?? 0)
  }

  @Test(arguments: SyntheticImages.kinds, [1, 2, 7, 16])
  func everySampleIsWithinTheBound(kind: SyntheticImages.Kind, maximumError: Int) async throws {
    let image = SyntheticImages.image(kind, width: 37, height: 21, hasMetadata: true)
    let file = try await encode(image, options(maximumError))
    let decoded = try await decode(file.bytes)
    #expect(decoded.metadata == image.metadata)
    #expect(throws: Never.self) { try decoded.validate() }
    let info = try inspect(file.bytes)
    if kind.colorType == .palette || NearLossless.isCoarse(maximumError, for: image) {
      #expect(file.exactReason == (kind.colorType == .palette ? .palette : .coarseBound))
      #expect(decoded == image && info.isLossless && info.maximumError == 0)
      return
    }
    #expect(!info.isLossless && info.maximumError == maximumError)
    let found = errors(image, decoded)
    #expect(found.colors <= maximumError && found.alpha == 0)
    #expect(decoded.depth == image.depth)
  }

  @Test(arguments: [8, 16], [1, 5, 16])
  func bothFormsKeepTheBound(depth: Int, maximumError: Int) async throws {
    let image = SyntheticImages.image(.init(.rgba, depth), width: 40, height: 33)
    for form in [NearLossless.Form.lattice, .steps(quality: 70)] {
      let bound = NearLossless(maximumError: maximumError, form: form)
      for effort in [1, 3, 5] {
        var options = options(maximumError)
        options.effort = effort
        let file = try await encode(image, EncodingPlan(options).bounded(bound), progress: nil)
        let decoded = try await decode(file.bytes)
        let found = errors(image, decoded)
        #expect(found.colors <= maximumError && found.alpha == 0)
        let preview = try await decode(file.bytes, DecoderOptions(layer: .preview))
        #expect(preview.width == 40 && preview.height == 33)
      }
    }
  }

  @Test func aWiderBoundTakesFewerBytes() async throws {
    let image = SyntheticImages.photograph(width: 96, height: 80)
    var last = try await encode(image, EncoderOptions(effort: 1)).bytes.count
    for maximumError in [1, 2, 4, 8, 16] {
      let count = try await encode(image, options(maximumError)).bytes.count
      #expect(count < last)
      last = count
    }
  }

  @Test func theTransparentColorBecomesAlpha() async throws {
    let image = SyntheticImages.image(.init(.rgb, 8, isTransparent: true), width: 20, height: 20)
    let file = try await encode(image, options(8))
    let decoded = try await decode(file.bytes)
    let key = try #require(image.transparentColor)
    let alpha = (0..<image.pixelCount).map { i in
      zip(image.planes, key).allSatisfy { $0[i] == $1 } ? 0 : UInt16(255)
    }
    #expect(decoded.colorType == .rgba && decoded.planes.last == alpha)
  }

  @Test func boundsThatTheFormatDoesNotHaveAreRefused() async throws {
    let image = SyntheticImages.image(.init(.grey, 8), width: 8, height: 8)
    for maximumError in [-1, 0, 17] {
      await #expect(throws: CodecError.self) { try await encode(image, options(maximumError)) }
    }
  }

  @Test(arguments: 1...16, [1, 2, 3, 31, 200, 255, 1000, 65535])
  func aLatticeReachesEveryValue(maximumError: Int, peak: Int) {
    var random = SplitMix64(seed: UInt64(maximumError))
    let samples = (0..<50).map { _ in UInt16.random(in: 0..<(1 << 8), using: &random) % 2 }
    let lattice = SampleLattice(of: samples, peak: peak, maximumError: maximumError)
    let table = lattice.table(peak: peak)
    let largest = table.enumerated().map { abs($0 - Int($1)) }.max() ?? 0
    #expect(largest <= maximumError)
    #expect(Set(table).count == lattice.count)
    #expect(table.allSatisfy { Int($0) <= peak })
  }

  @Test func thePaperStaysWhite() {
    let page = [UInt16](repeating: 255, count: 90) + [UInt16](repeating: 40, count: 10)
    for maximumError in [1, 2, 4, 7, 8, 16] {
      let lattice = SampleLattice(of: page, peak: 255, maximumError: maximumError)
      let error = 255 - Int(lattice.table(peak: 255)[255])
      // 16: no lattice of eight points holds both ends.
      #expect(error == 0 || (maximumError == 16 && error <= 8))
    }
  }

  @Test(arguments: [2, 8, 16], [1, 3, 16])
  func stepsLeadBackToWithinTheBound(depth: Int, maximumError: Int) {
    var random = SplitMix64(seed: 5)
    let maximum = (1 << depth) - 1
    let samples = TileSamples(
      width: 50, height: 4, depth: depth, hasAlpha: false,
      planes: [(0..<200).map { _ in UInt16.random(in: 0...UInt16(maximum), using: &random) }])
    let prediction = TilePrediction(
      means: [(0..<200).map { _ in Int32.random(in: 0...Int32(16 * maximum), using: &random) }],
      scales: [(0..<200).map { _ in UInt8.random(in: 0...63, using: &random) }])
    let steps = PredictionSteps(peak: maximum, maximumError: maximumError)
    let counts = steps.forward(samples, prediction)
    #expect(counts.planes[0].allSatisfy { Int($0) <= 2 * steps.zero && Int($0) <= maximum })
    let back = steps.inverse(counts.planes, prediction)
    let largest = zip(back[0], samples.planes[0]).map { abs(Int($0) - Int($1)) }.max() ?? 0
    #expect(largest <= maximumError)
    // A hostile stream may hold any value of the depth.
    let hostile = steps.inverse([[UInt16](repeating: UInt16(maximum), count: 200)], prediction)
    #expect(hostile[0].allSatisfy { Int($0) <= maximum })
  }

  @Test(arguments: [NearLossless.Form.lattice, .steps(quality: 60)])
  func damageNeverTraps(form: NearLossless.Form) async throws {
    let image = SyntheticImages.image(.init(.rgba, 8), width: 13, height: 7)
    let bound = NearLossless(maximumError: 8, form: form)
    let bytes = try await encode(image, EncodingPlan(options(8)).bounded(bound), progress: nil)
      .bytes
    for count in bytes.indices {
      await #expect(throws: CodecError.self) { try await decode(Array(bytes.prefix(count))) }
    }
    let whole = try await decode(bytes)
    let start = try ContainerFiles.header(of: bytes).end
    var random = SplitMix64(seed: 21)
    for _ in 0..<150 {
      let offset = Int.random(in: start..<bytes.count, using: &random)
      let mask = UInt8.random(in: 1...255, using: &random)
      let damaged = try ContainerFiles.flipping(offset, by: mask, in: bytes)
      if let decoded = try? await decode(damaged) { #expect(decoded == whole) }
    }
    for value in [UInt8(0), 17, 255] {
      let damaged = try ContainerFiles.setting(
        ContainerFiles.Offset.source, to: value, in: bytes)
      let error = await #expect(throws: CodecError.self) { try await decode(damaged) }
      guard case .corrupt("maximum error", _) = error else {
        Issue.record("threw \(String(describing: error))")
        continue
      }
    }
  }
}
