import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// The filter that a lossy file brings along: its bits, its arithmetic, and how it is fitted.
@Suite struct ModelWienerTests {
  /// A filter of seeded levels, some groups empty.
  private static func filter(fineness: Int, seed: UInt64 = 5, largest: Int = 40) -> WienerFilter {
    var random = SplitMix64(seed: seed)
    var levels = [Int](repeating: 0, count: WienerFilter.outputs * WienerFilter.inputs)
    for output in 0..<WienerFilter.outputs {
      for group in WienerFilter.groups where Bool.random(using: &random) {
        for input in group {
          let limit = min(largest, WienerFilter.levelLimit(input: input, fineness: fineness))
          levels[output * WienerFilter.inputs + input] = Int.random(
            in: -limit...limit, using: &random)
        }
      }
    }
    return WienerFilter(fineness: fineness, levels: levels)
  }

  private static func read(_ bytes: [UInt8]) throws(CodecError) -> (WienerFilter?, end: Int) {
    var reader = ByteReader(bytes)
    let filter = try WienerFilter.optional(&reader)
    return (filter, reader.position)
  }

  @Test func readsWhatItWrote() throws {
    for fineness in 0...WienerFilter.maximumFineness {
      for largest in [1, 40, 1 << 20] {
        let filter = ModelWienerTests.filter(
          fineness: fineness, seed: UInt64(fineness), largest: largest)
        let bytes = WienerFilter.bytes(of: filter)
        let read = try ModelWienerTests.read(bytes + [0xFF])
        #expect(read.0 == filter)
        #expect(read.end == bytes.count)
        #expect(bytes.count == (1 + filter.bitCount + 7) / 8)
      }
    }
    #expect(try ModelWienerTests.read([0, 0xFF]) == (nil, 1))
  }

  @Test func bitsOfAGroupAreThoseThatAreWritten() {
    for level in [0, 1, -1, 2, 3, -4, 1000] {
      var levels = [Int](repeating: 0, count: WienerFilter.outputs * WienerFilter.inputs)
      levels[1] = level
      let filter = WienerFilter(fineness: 14, levels: levels)
      // Fineness, the flags of the other groups, the first group.
      #expect(filter.bitCount == 4 + 14 + WienerFilter.bitCount(Array(levels[0..<4])))
    }
  }

  @Test func refusesWhatNoFilterHas() {
    func error(_ values: [(UInt64, Int)]) -> CodecError? {
      var bits = BitWriter()
      for (value, count) in values { bits.append(value, count: count) }
      return #expect(throws: CodecError.self) { try ModelWienerTests.read(bits.bytes + [0, 0]) }
    }
    // A fineness of 15; bits after none; a luma level of 2^16, above the limit; one that never
    // ends.
    for values in [
      [(1, 1), (15, 4)], [(0, 1), (1, 7)],
      [(1, 1), (10, 4), (1, 1), (2, 2), ((1 << 16) - 1, 16), (0, 1), (0, 16)],
      [(1, 1), (10, 4), (1, 1), (2, 2), ((1 << 40) - 1, 40)],
    ] as [[(UInt64, Int)]] {
      guard case .corrupt("filter", _) = error(values) else {
        Issue.record("\(values) was not refused")
        continue
      }
    }
    let bytes = WienerFilter.bytes(of: ModelWienerTests.filter(fineness: 9))
    for count in bytes.indices {
      #expect(throws: CodecError.self) { try ModelWienerTests.read(Array(bytes.prefix(count))) }
    }
  }

  /// What docs/FORMAT.md says, pixel by pixel.
  private static func reference(_ filter: WienerFilter, _ x: Tensor) -> Tensor {
    func component(_ y: Int, _ x0: Int, _ c: Int) -> Int {
      let (row, column) = (min(max(y, 0), x.height - 1), min(max(x0, 0), x.width - 1))
      let (red, green, blue) = (
        x.value(row, column, 0), x.value(row, column, 1), x.value(row, column, 2)
      )
      return [red + green + blue, red - blue, 2 * green - red - blue][c]
    }
    let taps = [(-1, 1), (0, 2), (1, 1)]
    func fine(_ y: Int, _ x0: Int, _ c: Int) -> Int {
      let (row, column) = (min(max(y, 0), x.height - 1), min(max(x0, 0), x.width - 1))
      var sum = 0
      for (dy, a) in taps {
        for (dx, b) in taps { sum += a * b * component(row + dy, column + dx, c) }
      }
      return sum
    }
    func coarse(_ y: Int, _ x0: Int, _ c: Int) -> Int {
      var sum = 0
      for (dy, a) in taps {
        for (dx, b) in taps { sum += a * b * fine(y + 2 * dy, x0 + 2 * dx, c) }
      }
      return sum
    }
    return .of(height: x.height, width: x.width, channels: 3) { y, x0, color in
      let values = (0..<3).map { component(y, x0, $0) }
      let small = (0..<3).map { (16 * values[$0] - fine(y, x0, $0) + 8) >> 4 }
      let large = (0..<3).map { (256 * values[$0] - coarse(y, x0, $0) + 128) >> 8 }
      let limits = [83, 68, 118]
      let clamp = { (v: [Int]) in (0..<3).map { min(max(v[$0], -limits[$0]), limits[$0]) } }
      let inputs = values + [2048] + small + large + clamp(small) + clamp(large)
      let sums = (0..<3).map { output in
        (0..<16).reduce(0) { sum, i in
          let shift = 14 - filter.fineness + WienerFilter.coarseness[i]
          return sum + filter.levels[16 * output + i] << shift * inputs[i]
        }
      }
      let more = [sums[0] + sums[1] - sums[2], sums[0] + 2 * sums[2], sums[0] - sums[1] - sums[2]]
      return x.value(y, x0, color) + (more[color] + 1 << 13) >> 14
    }
  }

  @Test(arguments: [(1, 1), (2, 3), (5, 4), (9, 13), (16, 40)])
  func addsWhatTheFormatSays(height: Int, width: Int) {
    let x = Tensor.noise(height: height, width: width, channels: 3, seed: 3)
    for fineness in [7, 11, 14] {
      let filter = ModelWienerTests.filter(fineness: fineness, seed: UInt64(fineness))
      let result = filter(.init(mean: x, rows: 0..<height, columns: 0..<width))
      #expect(result == ModelWienerTests.reference(filter, x))
    }
  }

  @Test func tilesMakeUpTheWholeImage() throws {
    let model = try EncoderModel.embedded.get()
    let (height, width) = (12, 10)
    let latents = Tensor.noise(
      height: height, width: width, channels: model.shape.latents, limit: 150)
    let position = QualityPosition(quality: 40)
    let filter = ModelWienerTests.filter(fineness: 9)
    func image(tileUnits: Int) -> [Tensor] {
      let tiling = Tiling(
        width: width * 8, height: height * 8, tileWidthUnits: tileUnits, tileHeightUnits: tileUnits)
      let map = LatentMap(
        [latents], Tiling(width: width * 8, height: height * 8), channels: latents.channels)
      let approximation = Approximation(
        model.latents, map, tiling, position: position, shift: 0, filter: filter)
      let whole = Approximation(
        model.latents, map, tiling, position: position, shift: 0, filter: filter)(
          Tiling.Tile(index: 0, rows: 0..<height * 8, columns: 0..<width * 8), hasScale: false
        ).mean
      for tile in tiling.tiles {
        let part = approximation(tile, hasScale: false).mean
        #expect(part == whole.cropped(rows: tile.rows, columns: tile.columns))
      }
      return [whole]
    }
    #expect(image(tileUnits: 1) == image(tileUnits: 2))
  }

  @Test(arguments: [(5000, 4000), (20_000, 100), (90, 30_000), (1300, 1250)])
  func looksAtLargeImagesInPlaces(width: Int, height: Int) {
    let squares = Tiling(width: width, height: height).sampled
    #expect(squares.count == 40)
    let pixels = squares.reduce(0) { $0 + $1.pixelCount }
    #expect(pixels <= 40 * 64 * 64)
    for square in squares {
      #expect(square.rows.lowerBound >= 0 && square.rows.upperBound <= height)
      #expect(square.columns.upperBound <= width && !square.columns.isEmpty && !square.rows.isEmpty)
    }
    // Spread out where there is room.
    let places = Set(squares.map { [$0.rows.lowerBound, $0.columns.lowerBound] })
    #expect(places.count >= 36 || width * height < 1 << 22)
    let small = Tiling(width: 1000, height: 900)
    #expect(small.sampled == small.tiles)
  }

  /// A fit to a photograph whose x̂ is what `distort` makes of it.
  private static func fit(_ distort: (Int, Int) -> Int) -> (
    fit: WienerFit, squares: (WienerFilter?) -> Int
  ) {
    let image = SyntheticImages.photograph(width: 160, height: 96)
    let input = ModelInput(image)
    let pixels = input.pixels(rows: 0..<96, columns: 0..<160)
    let mean = Tensor.of(height: 96, width: 160, channels: 3) { y, x, c in
      distort((pixels.value(y, x, c) + 4) >> 3, c)
    }
    let part = LatentDecoder.Surrounded(mean: mean, rows: 0..<96, columns: 0..<160)
    var fit = WienerFit(sampledCount: 96 * 160)
    fit.add(part, pixels: pixels)
    let squares = { (filter: WienerFilter?) in
      let seen = filter?(part) ?? mean
      return zip(seen.values, pixels.values).reduce(0) { sum, pair in
        let error = Int(pair.0) - Int((pair.1 + 4) >> 3)
        return sum + error * error
      }
    }
    return (fit, squares)
  }

  @Test func findsAnotherContrastAndTint() throws {
    // 6 % less contrast, and two steps of blue too many.
    let (fit, squares) = ModelWienerTests.fit { value, color in
      value * 94 / 100 + (color == 2 ? 32 : 0)
    }
    let filter = try #require(
      fit.filter(pixelCount: 96 * 160, errorWeight: 0.01 / 256, isGrey: false))
    #expect(squares(filter) < squares(nil) / 50)
  }

  @Test func findsNothingWhereNothingIsToBeGained() {
    let (fit, _) = ModelWienerTests.fit { value, _ in value }
    #expect(fit.filter(pixelCount: 96 * 160, errorWeight: 0.01 / 256, isGrey: false) == nil)
    let (weak, _) = ModelWienerTests.fit { value, _ in value * 99 / 100 }
    #expect(weak.filter(pixelCount: 96 * 160, errorWeight: 1e-9, isGrey: false) == nil)
  }

  @Test func findsFiltersForLargeImagesToo() {
    let (fit, squares) = ModelWienerTests.fit { value, _ in value * 94 / 100 }
    let filter = fit.filter(pixelCount: 1 << 28, errorWeight: 0.1 / 256, isGrey: false)
    #expect(squares(filter) < squares(nil) / 50)
  }

  @Test func valuesBeyondTheRangeOfSamplesAreNoErrors() {
    // White and black paper, which x̂ overshoots by four steps.
    let pixels = Tensor.of(height: 64, width: 64, channels: 3) { _, x, _ in
      x < 32 ? 127 * 128 : -128 * 128
    }
    let mean = Tensor.of(height: 64, width: 64, channels: 3) { _, x, _ in
      x < 32 ? 131 * 16 : -132 * 16
    }
    var fit = WienerFit(sampledCount: 64 * 64)
    fit.add(.init(mean: mean, rows: 0..<64, columns: 0..<64), pixels: pixels)
    #expect(fit.filter(pixelCount: 64 * 64, errorWeight: 1, isGrey: false) == nil)
  }

  @Test func leavesColorsOfGreyImagesAlone() throws {
    let (fit, _) = ModelWienerTests.fit { value, color in value * (90 + color) / 100 }
    let filter = try #require(
      fit.filter(pixelCount: 96 * 160, errorWeight: 0.01 / 256, isGrey: true))
    for (i, level) in filter.levels.enumerated() where level != 0 {
      #expect(WienerFilter.lumaInputs.contains(i))
    }
  }

  /// A picture whose colours the model does not expect.
  private static func tinted() -> Image {
    var image = SyntheticImages.photograph(width: 192, height: 160)
    image.planes[2] = image.planes[2].map { $0 / 3 }
    return image
  }

  @Test(arguments: [1, 5], [Tuning.psnr, .visual])
  func lossyFilesAreBetterByIt(effort: Int, tuning: Tuning) async throws {
    let image = ModelWienerTests.tinted()
    let options = EncoderOptions(
      mode: .lossy(quality: 60), effort: effort, verify: true, tuning: tuning)
    let bytes = try await encode(image, options).bytes
    var (header, end) = try Header.parse(bytes, limits: .default)
    #expect(header.filter != nil)
    let with = try await decode(bytes)
    header.filter = nil
    let without = try await decode(ContainerFiles.sealing(header, bytes[end...]))
    let original = ColorPlanes(image)
    #expect(
      try #require(PSNR.pooled(original, ColorPlanes(with)))
        > #require(PSNR.pooled(original, ColorPlanes(without))))
    // Any filter decodes to some image, and of parts as of the whole.
    for seed in 0..<20 {
      header.filter = ModelWienerTests.filter(
        fineness: seed % 15, seed: UInt64(seed), largest: 1 << 16)
      let damaged = try await ContainerFiles.sealing(header, bytes[end...])
      let whole = try await decode(damaged)
      try whole.validate()
      let region = ImageRegion(x: 30, y: 20 + seed, width: 50, height: 9)
      let part = try await decode(damaged, DecoderOptions(region: region))
      #expect(part.planes == whole.planes.map { region.cut(from: $0, width: whole.width) })
    }
  }

  @Test func largeImagesHaveFiltersToo() async throws {
    var image = SyntheticImages.photograph(width: 1600, height: 1000)
    image.planes[0] = image.planes[0].map { $0 / 2 }
    let bytes = try await encode(
      image, EncoderOptions(mode: .lossy(quality: 40), effort: 1, jobs: 2, verify: false)
    ).bytes
    #expect(try Header.parse(bytes, limits: .default).header.filter != nil)
  }

  @Test(arguments: [
    SyntheticImages.Kind(.grey, 8), .init(.grey, 1), .init(.greyAlpha, 16), .init(.rgba, 16),
    .init(.rgb, 12),
  ])
  func everyKindOfImageIsFiltered(kind: SyntheticImages.Kind) async throws {
    let image = SyntheticImages.image(kind, width: 40, height: 30)
    let bytes = try await encode(image, EncoderOptions(mode: .lossy(quality: 70), effort: 1)).bytes
    var (header, end) = try Header.parse(bytes, limits: .default)
    // Every sample by three steps of eight bits brighter: 3 · 16 · 2^14 = 12 · 2048 · 2^5.
    var levels = [Int](repeating: 0, count: WienerFilter.outputs * WienerFilter.inputs)
    levels[3] = 12
    header.filter = nil
    let plain = try await decode(ContainerFiles.sealing(header, bytes[end...]))
    header.filter = WienerFilter(fineness: 9, levels: levels)
    let bright = try await decode(ContainerFiles.sealing(header, bytes[end...]))
    let colorCount = kind.colorType.hasAlpha ? image.planes.count - 1 : image.planes.count
    let maximum = (1 << kind.depth) - 1
    for c in 0..<colorCount {
      for (a, b) in zip(plain.planes[c], bright.planes[c]) where a > 0 && Int(b) < maximum {
        let difference = (Int(b) - Int(a)) * 255
        #expect(abs(difference - 3 * maximum) <= maximum / 8 + 255)
      }
    }
    #expect(plain.planes[colorCount...] == bright.planes[colorCount...])
  }
}
