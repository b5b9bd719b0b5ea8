import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

@Suite struct ModelTensorTests {
  @Test func paddingAddsZerosAndCroppingRemovesThem() {
    let x = Tensor.noise(height: 3, width: 5, channels: 2)
    let padded = x.padded(by: 2)
    let expected = Tensor.of(height: 7, width: 9, channels: 2) { x.value($0 - 2, $1 - 2, $2) }
    #expect(padded == expected)
    #expect(padded.cropped(rows: 2..<5, columns: 2..<7) == x)
    #expect(x.padded(by: 0) == x)
    #expect(x.cropped(rows: 0..<3, columns: 0..<5) == x)
  }

  @Test func croppingKeepsThePositions() {
    let x = Tensor.noise(height: 6, width: 7, channels: 3)
    let expected = Tensor.of(height: 2, width: 4, channels: 3) { x.value($0 + 3, $1 + 1, $2) }
    #expect(x.cropped(rows: 3..<5, columns: 1..<5) == expected)
  }

  @Test(arguments: [1, 2, 4])
  func depthToSpaceSpreadsRowThenColumnThenChannel(factor: Int) {
    let x = Tensor.noise(height: 2, width: 3, channels: 3 * factor * factor)
    let expected = Tensor.of(height: 2 * factor, width: 3 * factor, channels: 3) { row, column, c in
      let part = (row % factor) * factor + column % factor
      return x.value(row / factor, column / factor, part * 3 + c)
    }
    #expect(x.depthToSpace(factor) == expected)
  }

  @Test func sumsSaturate() {
    var x = Tensor(height: 1, width: 2, channels: 2, values: [32767, -32768, 5, -80])
    x.add(Tensor(height: 1, width: 2, channels: 2, values: [1, -1, 6, 0]))
    #expect(x.values == [32767, -32768, 11, -80])
    #expect(x.leaky().values == [32767, -4096, 11, -10])
    x.add([1, -1])
    #expect(x.values == [32767, -32768, 12, -81])
    // Saturation comes after the slope.
    x.add([1, -1], leaky: true)
    #expect(x.values == [32767, -4097, 13, -11])
  }
}
