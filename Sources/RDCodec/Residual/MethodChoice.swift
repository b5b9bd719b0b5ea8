/// Which methods an encoder tries on a tile.
enum MethodChoice {
  /// The share of repeated pixels below which a tile is taken for a photograph, and above which
  /// for a drawing: photographs had up to 0.68, drawings from 0.1 on.
  private static let photographShare = 0.1
  private static let drawingShare = 0.75
  /// Between them, this many rows from the middle are coded both ways, quickly.
  private static let stripHeight = 24
  /// The share that decides where a trial would take too long.
  private static let hastyShare = 0.5
  /// Coding bit by bit takes ten times as long as a photograph, so that profiles of middle efforts
  /// do it only above this share, or where there is at most one colour for this many pixels.
  private static let slowShare = 0.4
  private static let pixelsPerColor = 64

  /// The methods worth trying on all of `samples`.
  static func candidates(
    _ samples: TileSamples, profile: ResidualProfile, prediction: TilePrediction?,
    kernels: ResidualKernels
  ) -> [ResidualMethod] {
    let share = repeatedShare(samples)
    if share < photographShare { return [.planar] }
    if share > drawingShare { return drawingMethods(samples, profile, share) }
    if profile.isLean { return share > hastyShare ? [.candidates] : [.planar] }
    guard samples.height > 4 * stripHeight else { return [.planar, .candidates] }
    let first = (samples.height - stripHeight) / 2 * samples.width
    let places = first..<first + stripHeight * samples.width
    var strip = samples
    strip.height = stripHeight
    strip.planes = samples.planes.map { Array($0[places]) }
    let stripPrediction = prediction.map { whole in
      TilePrediction(
        means: whole.means.map { Array($0[places]) }, scales: whole.scales.map { Array($0[places]) }
      )
    }
    let bits = [ResidualMethod.planar, .candidates].map { method in
      ResidualCoder.encode(
        strip, by: method, .fast, prediction: stripPrediction, kernels: kernels
      ).bits
    }
    if bits[1] > profile.methodMargin * bits[0] { return [.planar] }
    let methods = drawingMethods(samples, profile, share)
    return bits[0] >= profile.methodMargin * bits[1] ? methods : [.planar] + methods
  }

  /// How drawings are coded: bits as well where no plane needs more than eight of them.
  private static func drawingMethods(
    _ samples: TileSamples, _ profile: ResidualProfile, _ share: Double
  ) -> [ResidualMethod] {
    let isQuick =
      share > slowShare || pixelsPerColor * colorCount(samples) < samples.planes[0].count
    guard profile.triesBits, isQuick || profile.isPatient else { return [.candidates] }
    let isNarrow = samples.planes.allSatisfy {
      ValueMap(of: $0).bitCount <= ValueBitCoder.maximumBitCount
    }
    return isNarrow ? [.candidates, .bits] : [.candidates]
  }

  /// The number of colours, or a little less: of their hashes of 18 bits.
  private static func colorCount(_ samples: TileSamples) -> Int {
    var isUsed = [Bool](repeating: false, count: 1 << 18)
    for place in samples.planes[0].indices {
      let color = samples.planes.reduce(0) { $0 << 16 | UInt64($1[place]) }
      isUsed[Int((color &* 0x9E37_79B9_7F4A_7C15) >> 46)] = true
    }
    return isUsed.count { $0 }
  }

  /// Whether an image is coded as a drawing, as far as some of its rows tell.
  static func isDrawing(_ image: Image) -> Bool {
    if image.colorType == .palette || image.depth == 1 { return true }
    // Pairs of rows, because a pixel may repeat the one above it.
    let pairs = stride(from: 0, to: image.height - 1, by: max(2, image.height / 64))
    guard pairs.underestimatedCount > 0 else { return false }
    let planes = image.planes.map { plane in
      pairs.flatMap { plane[$0 * image.width..<($0 + 2) * image.width] }
    }
    let repeats = repeats(planes, width: image.width)
    let rows = stride(from: image.width, to: repeats.count, by: 2 * image.width)
    let count = rows.reduce(0) { $0 + repeats[$1..<$1 + image.width].count { $0 != 0 } }
    return Double(count) > drawingShare * Double(repeats.count / 2)
  }

  /// The share of pixels that equal their left or upper neighbour in every plane.
  private static func repeatedShare(_ samples: TileSamples) -> Double {
    let repeats = repeats(samples.planes, width: samples.width)
    return Double(repeats.count { $0 != 0 }) / Double(max(repeats.count, 1))
  }

  /// Bit 0 where a pixel equals its left neighbour in every plane, bit 1 for the upper one.
  private static func repeats(_ planes: [[UInt16]], width: Int) -> [UInt8] {
    var repeats = [UInt8](repeating: 3, count: planes[0].count)
    repeats.withUnsafeMutableBufferPointer { repeats in
      for plane in planes {
        plane.withUnsafeBufferPointer { plane in
          for row in stride(from: 0, to: plane.count, by: width) {
            let here = plane.baseAddress! + row
            let result = repeats.baseAddress! + row
            result[0] &= 2
            for x in stride(from: 1, to: width, by: 1) {
              result[x] &= here[x] == here[x &- 1] ? 3 : 2
            }
            guard row > 0 else {
              for x in 0..<width { result[x] &= 1 }
              continue
            }
            let above = here - width
            for x in 0..<width { result[x] &= here[x] == above[x] ? 3 : 1 }
          }
        }
      }
    }
    return repeats
  }
}
