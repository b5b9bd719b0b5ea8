@testable import DecoderCore
@testable import RDCodec

/// Small images made of the input: what is encoded comes back, exactly or within its bound.
enum RoundTripTarget {
  static func run(_ bytes: [UInt8]) {
    var source = Bytes(bytes)
    let options = options(from: &source)
    let image = image(from: &source)
    require((try? image.validate()) != nil, "the target made an invalid image")
    let result = MainLoop.attempt { () async throws(CodecError) in
      try await encode(image, options).bytes
    }
    guard case .success(let file) = result else {
      require(false, "encoding threw \(result) with \(options)")
      return
    }
    require((try? inspect(file))?.byteCount == file.count, "inspect says another length")
    let copy = decoded(file, DecoderOptions())
    compare(image, copy, options)
    if options.hasPreview || !isExact(options) {
      let stripped = MainLoop.attempt { () async throws(CodecError) in try await strip(file) }
      guard case .success(let small) = stripped else {
        // There may be no preview: of an exact file in place of a lossy one, and where none pays.
        require(!asksForPreview(options), "strip threw")
        return
      }
      let preview = DecoderOptions(layer: .preview)
      require(decoded(small, preview) == decoded(file, preview), "strip and preview differ")
    }
  }

  private static func isExact(_ options: EncoderOptions) -> Bool {
    if case .lossless = options.mode { true } else { false }
  }

  private static func asksForPreview(_ options: EncoderOptions) -> Bool {
    if case .lossless(preview: .some) = options.mode { true } else { false }
  }

  private static func decoded(_ file: [UInt8], _ options: DecoderOptions) -> Image? {
    let result = MainLoop.attempt { () async throws(CodecError) in
      try await decode(file, options)
    }
    guard case .success(let image) = result else {
      require(false, "decoding threw \(result)")
      return nil
    }
    return image
  }

  private static func compare(_ image: Image, _ copy: Image?, _ options: EncoderOptions) {
    guard let copy else { return }
    require(copy.width == image.width && copy.height == image.height, "another size")
    switch options.mode {
    case .lossless: require(copy == image, "lossless, and not the same")
    case .nearLossless(let bound):
      require(copy.planes.count == image.planes.count, "other planes")
      let colors = image.colorType.hasAlpha ? image.planes.count - 1 : image.planes.count
      let limit = image.colorType == .palette ? 0 : bound
      for (index, (a, b)) in zip(image.planes, copy.planes).enumerated() {
        let allowed = index < colors ? limit : 0
        let error = zip(a, b).reduce(0) { max($0, abs(Int($1.0) - Int($1.1))) }
        require(error <= allowed, "plane \(index) is off by \(error), allowed are \(allowed)")
      }
    case .lossy, .target: break
    }
  }

  private static func options(from source: inout Bytes) -> EncoderOptions {
    let quality = 1 + Double(source.next() % 100)
    let mode: EncoderOptions.Mode =
      switch source.next() % 6 {
      case 0, 1: .lossless(preview: nil)
      case 2: .lossless(preview: quality)
      case 3, 4: .nearLossless(maximumError: 1 + Int(source.next() % 16))
      default: .lossy(quality: quality)
      }
    let flags = source.next()
    var options = EncoderOptions(
      mode: mode, effort: [1, 1, 1, 1, 2, 3, 5, 9][Int(source.next() & 7)], verify: false)
    options.jobs = flags & 1 == 0 ? 1 : 2
    options.recoversSource = flags & 2 == 0
    options.hasPreview = flags & 4 == 0 || mode == .lossless(preview: quality)
    options.tuning = flags & 8 == 0 ? .psnr : .visual
    options.allowsExact = flags & 16 == 0
    return options
  }

  private static func image(from source: inout Bytes) -> Image {
    let (width, height) = (1 + Int(source.next() % 48), 1 + Int(source.next() % 48))
    let types: [Image.ColorType] = [.rgb, .grey, .greyAlpha, .rgba, .palette]
    let type = types[Int(source.next()) % types.count]
    let depths =
      switch type {
      case .palette: [8, 4, 2, 1]
      case .grey: [8, 16, 1, 4, 10]
      case .rgb: [8, 16, 11]
      case .greyAlpha, .rgba: [8, 16]
      }
    let depth = depths[Int(source.next()) % depths.count]
    var palette: [Image.PaletteEntry] = []
    if type == .palette {
      for _ in 0..<1 + Int(source.next()) % (1 << depth) {
        palette.append(
          .init(red: source.next(), green: source.next(), blue: source.next()))
      }
    }
    let limit = palette.isEmpty ? 1 << depth : palette.count
    let style = source.next()
    let planes = (0..<type.channelCount).map { channel in
      plane(width, height, limit: limit, style: style, channel: channel, &source)
    }
    return Image(
      width: width, height: height, colorType: type, depth: depth, planes: planes, palette: palette)
  }

  /// Samples: bytes as they come, few values, slopes, or rows and columns that repeat.
  private static func plane(
    _ width: Int, _ height: Int, limit: Int, style: UInt8, channel: Int, _ source: inout Bytes
  ) -> [UInt16] {
    var plane: [UInt16] = []
    plane.reserveCapacity(width * height)
    for y in 0..<height {
      for x in 0..<width {
        let repeats = style & 8 != 0 && (x % 2 == 1 || y % 2 == 1)
        if repeats {
          plane.append(x % 2 == 1 ? plane[plane.count - 1] : plane[plane.count - width])
          continue
        }
        let value =
          switch style & 7 {
          case 0: source.value()
          case 1: limit * (x + (channel + 1) * y) / (width + (channel + 1) * height)
          case 2: limit * (x + y) / (width + height) + source.value() % (1 + limit / 32)
          case 3: source.value() & 1
          case 4: source.next() < 240 && x > 0 ? Int(plane[plane.count - 1]) : source.value()
          case 5: (x / 8 + y / 8) % 2 * (limit - 1)
          case 6: source.value() % 3 * limit / 3
          default: source.next() < 250 && y > 0 ? Int(plane[plane.count - width]) : source.value()
          }
        plane.append(UInt16(value % limit))
      }
    }
    return plane
  }
}

/// The input, then noise that follows from it.
struct Bytes {
  private let bytes: [UInt8]
  private var position = 0
  private var state: UInt32

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    state = bytes.reduce(2_463_534_242) { ($0 ^ UInt32($1)) &* 16_777_619 } | 1
  }

  mutating func next() -> UInt8 {
    if position < bytes.count {
      position += 1
      return bytes[position - 1]
    }
    state ^= state << 13
    state ^= state >> 17
    state ^= state << 5
    return UInt8(state >> 24)
  }

  mutating func value() -> Int { Int(next()) << 8 | Int(next()) }
}
