internal import DecoderCore
internal import Entropy

/// The colours that SSIMULACRA 2 compares: X (red against green), Y (lightness) and B − Y, each within 0 to 1, made of
/// the cube roots of what three kinds of cones take in.
///
/// Source: the XYB of libjxl.
enum OpponentColor {
  private static let bias: Float = 0.003_793_073_3
  private static let biasRoot = DeterministicMath.cubeRoot(bias)

  /// Takes rows of red, green and blue light, `width` each, from `start` on, and replaces them.
  static func convert(_ rows: UnsafeMutableBufferPointer<Float>, from start: Int, width: Int) {
    let (first, second, third) = (start, start + width, start + 2 * width)
    let yOffset = 0.01 - biasRoot
    for x in 0..<width {
      let (red, green, blue) = (rows[first &+ x], rows[second &+ x], rows[third &+ x])
      let long = DeterministicMath.cubeRoot(
        0.3 * red + 0.622 * green + 0.078 * blue + bias)
      let medium = DeterministicMath.cubeRoot(
        0.23 * red + 0.692 * green + 0.078 * blue + bias)
      let short = DeterministicMath.cubeRoot(
        0.243_422_69 * red + 0.204_767_45 * green + 0.551_809_85 * blue + bias)
      let lightness = 0.5 * (long + medium)
      rows[first &+ x] = 7 * (long - medium) + 0.42
      rows[second &+ x] = lightness + yOffset
      rows[third &+ x] = short - lightness + 0.55
    }
  }
}
