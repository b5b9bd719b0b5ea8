/// P_dec(x|z) over one plane, in the steps that the plane is coded in.
final class PlanePrediction {
  let means: PaddedPlane
  private let scaleCodes: Buffer<UInt8>

  /// `values` are the plane's means in sixteenths of a sample step.
  init(_ values: [Int32], scales: [UInt8], width: Int, height: Int, map: ValueMap) {
    scaleCodes = Buffer(zeroed: scales.count)
    for (place, scale) in scales.enumerated() { scaleCodes[place] = scale }
    means = PaddedPlane(width: width, height: height, filledWith: 0)
    for y in 0..<height {
      let row = means.row(y)
      for x in 0..<width { row[x] = map.place(ofSixteenths: values[y * width + x]) }
      for k in 1...PaddedPlane.columns { row[-k] = row[0] }
      means.endRow(y)
    }
  }

  /// The scales of row `y`, valid as long as this value is.
  func scales(row y: Int) -> UnsafePointer<UInt8> {
    UnsafePointer(scaleCodes.base + y * means.width)
  }
}
