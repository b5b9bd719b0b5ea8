internal import DecoderCore
internal import Entropy

/// SSIMULACRA 2.1, fitted to what people say about compressed photographs: 100 for equal images, 90 where no
/// difference is seen, 70 for high, 50 for medium and 30 for low quality, below 0 for ruins.
///
/// In linear light, six sizes, each half of the one before, as long as a side has ``smallestSide`` pixels; at each,
/// opponent colours are compared as ``SimilarityScale`` does.
/// Source: J. Sneyers (Cloudinary), libjxl's tools/ssimulacra2.cc (BSD), where the constants come from. Windows, and
/// what lies beyond the image, are those of PyPI ssimulacra2 0.3.0 in place of libjxl's recursive filter.
package enum SSIMULACRA2 {
  package static let smallestSide = 8
  private static let scaleCount = 6

  /// Of images that are shown as sRGB, grey ones too, whatever their depth. Nil where they differ in size or
  /// depth, or have a side below ``smallestSide``.
  package static func score(_ a: ColorPlanes, _ b: ColorPlanes) -> Double? {
    guard let (a, b) = ColorPlanes.comparable(a, b), min(a.width, a.height) >= smallestSide
    else { return nil }
    var scales = [SimilarityScale(width: a.width, height: a.height)]
    while scales.count < scaleCount, let half = scales.last?.half { scales.append(half) }
    let light = linearLight(peak: a.peak)
    for y in 0..<a.height {
      var rows = lightRows(a, b, y, light)
      for index in scales.indices {
        guard let halved = scales[index].add(rows) else { break }
        rows = halved
      }
    }
    return score(scales.map(\.errors))
  }

  /// Of the errors at each size. Where there are fewer than six, weights are taken in the published order all
  /// the same.
  private static func score(_ scales: [[SimilarityScale.Errors]]) -> Double {
    var (sum, next) = (0.0, 0)
    for channel in 0..<3 {
      for scale in scales {
        for means in [scale[channel].means, scale[channel].powerMeans] {
          sum += weights[next] * means.similarity
          sum += weights[next + 1] * means.ringing
          sum += weights[next + 2] * means.blur
          next += 3
        }
      }
    }
    sum *= 0.9562382616834844
    let curve =
      2.326765642916932 * sum - 0.020884521182843837 * sum * sum
      + 6.248496625763138e-05 * sum * sum * sum
    return curve > 0 ? 100 - 10 * DeterministicMath.power(curve, 0.6276336467831387) : 100
  }

  /// Of each sample, as sRGB has it.
  private static func linearLight(peak: Int) -> [Float] {
    (0...peak).map { sample in
      let value = Double(sample) / Double(peak)
      return Float(
        value <= 0.04045
          ? value / 12.92 : DeterministicMath.power((value + 0.055) / 1.055, 2.4))
    }
  }

  /// Red, green and blue of `a`, then of `b`.
  private static func lightRows(
    _ a: ColorPlanes, _ b: ColorPlanes, _ y: Int, _ light: [Float]
  ) -> [Float] {
    let width = a.width
    var rows: [Float] = []
    rows.reserveCapacity(6 * width)
    for image in [a, b] {
      for channel in 0..<3 {
        let plane = image.planes[min(channel, image.planes.count - 1)]
        for sample in plane[y * width..<(y + 1) * width] { rows.append(light[Int(sample)]) }
      }
    }
    return rows
  }

  /// Of X, Y and B − Y; in each of the sizes, finest first; in each two rows, for means and for fourth-power means,
  /// of similarity, ringing and blur.
  private static let weights: [Double] = [
    0, 0.0007376606707406586, 0, 0, 0.0007793481682867309, 0,
    0, 0.0004371155730107379, 0, 1.1041726426657346, 0.00066284834129271, 0.00015231632783718752,
    0, 0.0016406437456599754, 0, 1.8422455520539298, 11.441172603757666, 0,
    0.0007989109436015163, 0.000176816438078653, 0, 1.8787594979546387, 10.94906990605142, 0,
    0.0007289346991508072, 0.9677937080626833, 0,
    0.00014003424285435884, 0.9981766977854967, 0.00031949755934435053,
    0.0004550992113792063, 0, 0, 0.0013648766163243398, 0, 0,

    0, 0, 0, 7.466890328078848, 0, 17.445833984131262,
    0.0006235601634041466, 0, 0, 6.683678146179332, 0.00037724407979611296, 1.027889937768264,
    225.20515300849274, 0, 0, 19.213238186143016, 0.0011401524586618361, 0.001237755635509985,
    176.39317598450694, 0, 0, 24.43300999870476, 0.28520802612117757, 0.0004485436923833408,
    0, 0, 0, 34.77906344483772, 44.835625328877896, 0,
    0, 0, 0, 0, 0, 0,

    0, 0.0008680556573291698, 0, 0, 0, 0,
    0, 0.0005313191874358747, 0, 0.00016533814161379112, 0, 0,
    0, 0, 0, 0.0004179171803251336, 0.0017290828234722833, 0,
    0.0020827005846636437, 0, 0, 8.826982764996862, 23.19243343998926, 0,
    95.1080498811086, 0.9863978034400682, 0.9834382792465353,
    0.0012286405048278493, 171.2667255897307, 0.9807858872435379,
    0, 0, 0, 0.0005130064588990679, 0, 0.00010854057858411537,
  ]
}
