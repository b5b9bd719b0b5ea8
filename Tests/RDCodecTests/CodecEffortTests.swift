import DecoderCore
import RDCodec
import TestSupport
import Testing

/// More effort never takes more bytes.
@Suite struct CodecEffortTests {
  @Test(arguments: EffortPictures.allCases)
  func moreEffortNeverTakesMoreBytes(picture: EffortPictures) async throws {
    let image = picture.image
    var least: Int?
    for effort in 1...9 {
      let options = EncoderOptions(effort: effort, verify: false)
      let count = try await encode(image, options).bytes.count
      // A byte or a thousandth: lower efforts are not tried on photographs.
      if let least { #expect(count <= least + 1 + least / 1000, "effort \(effort)") }
      least = min(least ?? count, count)
    }
  }

  /// Its colours are shaded and its surroundings transparent: half of the pixels repeat others.
  @Test func anIconIsADrawingAtTheLeastEffort() async throws {
    let image = EffortPictures.icon.image
    let quick = try await encode(image, EncoderOptions(effort: 1, verify: false)).bytes.count
    let usual = try await encode(image, EncoderOptions(effort: 5, verify: false)).bytes.count
    #expect(Double(quick) < 1.6 * Double(usual))
  }
}

/// Small pictures of the kinds that efforts treat differently, seeded.
enum EffortPictures: CaseIterable {
  /// Rows of signs in black on white, from an alphabet of twelve.
  case text
  case icon
  /// All colours of a cube, in order: a table of colours.
  case table
  case checks
  case ramp
  case noise
  /// A small texture, again and again.
  case texture
  case photograph

  private static let side = 96

  var image: Image {
    var random = SplitMix64(seed: 7)
    let (side, count) = (Self.side, Self.side * Self.side)
    let places = (0..<count).map { (x: $0 % side, y: $0 / side) }
    func noise(_ size: Int) -> [Int] {
      (0..<size).map { _ in Int.random(in: 0...255, using: &random) }
    }
    func grey(_ value: (Int, Int) -> Int) -> Image { picture(.grey, [places.map(value)]) }
    switch self {
    case .text:
      let signs = noise(12 * 35).map { $0 < 110 ? 0 : 255 }
      let letters = noise(side).map { $0 % 12 }
      return grey { x, y in
        let (column, row) = (x % 6, y % 9)
        guard column < 5, row < 7 else { return 255 }
        return signs[letters[(x / 6 + y / 9 * 17) % side] * 35 + row * 5 + column]
      }
    case .icon:
      let alpha = places.map { x, y in
        let distance = (2 * x - side) * (2 * x - side) + (2 * y - side) * (2 * y - side)
        return max(0, min(255, (side * side * 6 / 10 - distance) / 4))
      }
      let colors = [3, 2, 5].map { slope in
        zip(places, alpha).map { place, alpha in
          alpha == 0 ? 0 : 40 + slope * (place.x + 2 * place.y) / 8
        }
      }
      return picture(.rgba, colors + [alpha])
    case .table:
      return picture(
        .rgb,
        [
          places.map { x, _ in x % 32 * 8 }, places.map { _, y in y % 32 * 8 },
          places.map { x, y in (x / 32 + y / 32 * 3) * 28 },
        ])
    case .checks: return grey { x, y in (x + y) % 2 * 255 }
    case .ramp: return grey { x, y in (x + y) * 255 / (2 * side) }
    case .noise: return picture(.rgb, (0..<3).map { _ in noise(count) })
    case .texture:
      let texture = noise(19 * 19)
      return grey { x, y in texture[y % 19 * 19 + x % 19] }
    case .photograph:
      let grain = (0..<count).map { _ in Int.random(in: -4...4, using: &random) }
      return picture(
        .rgb,
        [0, 20, 45].map { offset in
          zip(places, grain).map { place, grain in
            offset + grain + (place.x * place.y / 60 + 2 * place.y) % 200
          }
        })
    }
  }

  private func picture(_ colorType: Image.ColorType, _ planes: [[Int]]) -> Image {
    Image(
      width: Self.side, height: Self.side, colorType: colorType, depth: 8,
      planes: planes.map { $0.map { UInt16(min(max($0, 0), 255)) } })
  }
}
