import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// What the latents of a reduced image see, and how x̂ grows back to the image's size.
@Suite struct ModelInterpolationTests {
  /// Bilinear interpolation between pixel centres, by its definition.
  private func expected(_ small: Tensor, _ y: Int, _ x: Int, _ c: Int, shift: Int) -> Double {
    func place(_ position: Int, _ count: Int) -> (Int, Int, Double) {
      let center = (Double(position) + 0.5) / Double(1 << shift) - 0.5
      let first = center.rounded(.down)
      let clamp = { (index: Double) in min(max(Int(index), 0), count - 1) }
      return (clamp(first), clamp(first + 1), center - first)
    }
    let (top, bottom, down) = place(y, small.height)
    let (left, right, across) = place(x, small.width)
    let value = { (y: Int, x: Int) in Double(small.value(y, x, c)) }
    return (1 - down) * ((1 - across) * value(top, left) + across * value(top, right))
      + down * ((1 - across) * value(bottom, left) + across * value(bottom, right))
  }

  @Test(arguments: 1...5)
  func interpolatesBetweenPixelCentres(shift: Int) {
    let small = Tensor.noise(height: 3, width: 4, channels: 3, limit: 30000)
    let large = small.interpolated(
      rows: 0..<3 << shift, of: ReducedSide(count: 3, origin: 0, shift: shift),
      columns: 0..<4 << shift, of: ReducedSide(count: 4, origin: 0, shift: shift))
    var largestError = 0.0
    for y in 0..<large.height {
      for x in 0..<large.width {
        for c in 0..<3 {
          let error = abs(Double(large.value(y, x, c)) - expected(small, y, x, c, shift: shift))
          largestError = max(largestError, error)
        }
      }
    }
    #expect(largestError <= 0.5)
  }

  @Test func aPartIsInterpolatedAsTheWholeIs() {
    let small = Tensor.noise(height: 8, width: 16, channels: 3)
    let whole = small.interpolated(
      rows: 0..<32, of: ReducedSide(count: 8, origin: 0, shift: 2),
      columns: 0..<64, of: ReducedSide(count: 16, origin: 0, shift: 2))
    let part = small.cropped(rows: 0..<8, columns: 8..<16).interpolated(
      rows: 4..<20, of: ReducedSide(count: 8, origin: 0, shift: 2),
      columns: 40..<60, of: ReducedSide(count: 16, origin: 8, shift: 2))
    #expect(part == whole.cropped(rows: 4..<20, columns: 40..<60))
  }

  @Test(arguments: [1, 2, 5], [[1, 1], [13, 7], [64, 33]])
  func aReducedImageHoldsTheMeansOfSquares(shift: Int, size: [Int]) {
    let image = SyntheticImages.image(.init(.rgb, 8), width: size[0], height: size[1])
    let input = ModelInput(image, shift: shift)
    let side = 1 << shift
    let pixels = input.pixels(rows: 0..<input.height, columns: 0..<input.width)
    let means = Tensor.of(height: input.height, width: input.width, channels: 3) { y, x, c in
      var sum = 0
      var count = 0
      for row in y * side..<min((y + 1) * side, size[1]) {
        for column in x * side..<min((x + 1) * side, size[0]) {
          sum += Int(image.planes[c][row * size[0] + column]) * 128
          count += 1
        }
      }
      return (sum + count / 2) / count - 128 * 128
    }
    #expect(pixels == means)
  }
}
