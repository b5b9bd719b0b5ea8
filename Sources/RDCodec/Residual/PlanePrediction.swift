/// P_dec(x|z) over one plane, in the steps that the plane is coded in.
struct PlanePrediction {
  let means: PaddedPlane
  private let scales: [UInt8]

  /// `values` are the plane's means in sixteenths of a sample step.
  init(_ values: [Int32], scales: [UInt8], width: Int, height: Int, map: ValueMap) {
    self.scales = scales
    means = PaddedPlane(width: width, height: height, filledWith: 0)
    for y in 0..<height {
      let row = means.row(y)
      for x in 0..<width { row[x] = map.place(ofSixteenths: values[y * width + x]) }
      for k in 1...PaddedPlane.columns { row[-k] = row[0] }
      means.endRow(y)
    }
  }

  @inline(__always)
  func mean(_ x: Int, _ y: Int) -> Float { means.row(y)[x] }

  /// The scale as one of ``PlaneCoder/helperLevels``.
  @inline(__always)
  func level(_ x: Int, _ y: Int) -> Int32 { Int32(min(scales[y &* means.width &+ x], 63)) &* 3 / 8 }
}
