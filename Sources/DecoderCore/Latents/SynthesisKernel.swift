/// The 16×16 pixels of one colour that a latent reaches, from four before its own block.
package struct SynthesisKernel {
  package static let side = 16
  /// Row after row.
  package let pixels: [Double]

  package init(pixels: [Double]) { self.pixels = pixels }
}

extension Convolution {
  /// Of the synthesis: what a channel adds to one colour.
  package func kernel(channel: Int, color: Int) -> SynthesisKernel {
    var pixels: [Double] = []
    for y in 0..<16 {
      for x in 0..<16 {
        // A latent reaches the block at its place by the last tap, the next blocks by those before.
        let output = (y % 8 * 8 + x % 8) * 3 + color
        let weight = weight(
          output: output, row: 1 - y / 8, column: 1 - x / 8, input: channel)
        pixels.append(Double(weight) / Double(1 << shift))
      }
    }
    return SynthesisKernel(pixels: pixels)
  }

  /// Of the synthesis: the squared norm of every channel where a decoder shows the mean of three
  /// colours.
  package var greyNorms: [Double] {
    (0..<inputs).map { channel in
      let kernels = (0..<3).map { kernel(channel: channel, color: $0).pixels }
      let sum = kernels[0].indices.reduce(0.0) { sum, i in
        let mean = (kernels[0][i] + kernels[1][i] + kernels[2][i]) / 3
        return sum + 3 * mean * mean
      }
      return max(sum, 0x1p-8)
    }
  }
}
