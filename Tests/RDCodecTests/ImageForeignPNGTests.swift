import DecoderCore
import Foundation
import RDCodec
import Testing

/// Interlaced PNGs that libpng did not write, with samples given by a formula.
@Suite struct ImageForeignPNGTests {
  @Test func readsInterlacedPalette() throws {
    let image = try Image(
      base64PNG: """
        iVBORw0KGgoAAAANSUhEUgAAAAkAAAAJBAMAAAFluCu1AAAAIVBMVEUAAQIDBAUGBwgJCgsMDQ4PEBES\
        ExQVFhcYGRobHB0eHyDzPfFJAAAAA3RSTlMHCAlOPOD3AAAASElEQVR42mNgYqhkEGBoYJjFwJDO4Mqg\
        zLCUTYChecoCBksvBg1LBnENBjZxoBhDBHOmSAGD+6II5gQGs4nuiwIYVBvMJjoAAHYgDWoK/ip2AAAA\
        AElFTkSuQmCC
        """)
    let samples = (0..<81).map { (index: Int) -> UInt16 in
      let (y, x) = index.quotientAndRemainder(dividingBy: 9)
      return UInt16((3 * x + 5 * y) % 11)
    }
    let palette = (0..<11).map { (index: UInt8) -> Image.PaletteEntry in
      let alpha = index < 3 ? 7 + index : 255
      let red = 3 * index
      return Image.PaletteEntry(red: red, green: red + 1, blue: red + 2, alpha: alpha)
    }
    let expected = Image(
      width: 9, height: 9, colorType: .palette, depth: 4, planes: [samples], palette: palette,
      paletteAlphaCount: 3)
    #expect(image == expected)
  }

  @Test func readsInterlacedDeepColor() throws {
    let image = try Image(
      base64PNG: """
        iVBORw0KGgoAAAANSUhEUgAAAAUAAAADEAIAAAHzw756AAAAbElEQVR42gFhAJ7/AAAAMAFgAgBADHAN\
        oA4AIAZQB4AIAEAicCOgJGFckV3BXoKWspfimAAQA0AEcAUwCWAKkAsAUL+AwLDBcfmh+tH7ACARUBKA\
        EzBhYGKQY0CxcLKgs1EBgQKxA2FRkVLBU140IQ3l2rn7AAAAAElFTkSuQmCC
        """)
    #expect(image == noise(.rgb, depth: 16, width: 5, height: 3))
  }

  @Test func readsInterlacedBits() throws {
    let image = try Image(
      base64PNG: """
        iVBORw0KGgoAAAANSUhEUgAAAAMAAAAGAQAAAAFZmSk3AAAAEElEQVR42mNggIMGMHwAggAVdgQh5cjE\
        9QAAAABJRU5ErkJggg==
        """)
    #expect(image == noise(.grey, depth: 1, width: 3, height: 6))
  }

  private func noise(_ colorType: Image.ColorType, depth: Int, width: Int, height: Int) -> Image {
    let planes = (0..<colorType.channelCount).map { (channel: Int) -> [UInt16] in
      (0..<width * height).map { (index: Int) -> UInt16 in
        let (y, x) = index.quotientAndRemainder(dividingBy: width)
        let value = 4099 * x + 8209 * y + 12289 * channel + 77 * x * y
        return UInt16(value % (1 << depth))
      }
    }
    return Image(width: width, height: height, colorType: colorType, depth: depth, planes: planes)
  }
}

extension Image {
  fileprivate init(base64PNG text: String) throws {
    let data = try #require(Data(base64Encoded: text))
    try self.init(png: Array(data))
  }
}
