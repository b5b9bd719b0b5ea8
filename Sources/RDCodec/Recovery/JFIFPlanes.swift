internal import DecoderCore

/// What lattice recovery knows of an image that is YCbCr by JFIF's rule; values 0 ... 255 where
/// they are right.
struct JFIFPlanes {
  let width: Int
  let height: Int
  var sampling: ChromaSampling?
  /// Whether the decoder's inverse DCT enlarged chroma; ``sampling`` says which axes.
  var scalesChroma = false
  var luma: [Int16]
  /// Of every pixel.
  var chroma: [[Int16]]
  /// What the sampling's cells are; without a sampling, `chroma`.
  var cells: [[Int16]]
  /// Whether a pixel's coordinates are certain.
  var isSure: [Bool]
  /// Other samplings that the pixels may have, in the order that they are tried.
  var otherSamplings: [ChromaSampling?] = []

  /// How blocks of chroma become pixels, where the inverse DCT enlarges them.
  func scaled(_ grid: BlockGrid) -> ScaledChroma? {
    guard scalesChroma, let sampling else { return nil }
    return ScaledChroma(sampling, grid, width: width, height: height)
  }

  /// The same with another sampling.
  func with(_ sampling: ChromaSampling?) -> JFIFPlanes {
    var result = self
    result.sampling = sampling
    result.cells = chroma
    if let sampling {
      let solver = ChromaSolver(sampling, width: width, height: height)
      result.cells = chroma.map { plane in
        solver.cells(of: plane, reliable: isSure).map { Int16(clamping: $0) }
      }
    }
    return result
  }
}
