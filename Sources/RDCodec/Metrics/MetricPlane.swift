internal import DecoderCore

/// One channel of an image at one of the scales that MS-SSIM looks at.
///
/// Halving 16-bit samples four times needs 24 bits, which Float has: the samples stay exact.
struct MetricPlane {
  let width: Int
  let height: Int
  /// width × height samples, row after row, in steps of the full image.
  var samples: [Float]

  init(width: Int, height: Int, samples: [Float]) {
    self.width = width
    self.height = height
    self.samples = samples
  }

  init(_ planes: ColorPlanes, channel: Int) {
    self.init(
      width: planes.width, height: planes.height, samples: planes.planes[channel].map(Float.init))
  }

  /// Half the size: the mean of every complete 2 × 2 block.
  func halved() -> MetricPlane {
    let (halfWidth, halfHeight) = (width / 2, height / 2)
    var means: [Float] = []
    means.reserveCapacity(halfWidth * halfHeight)
    for y in 0..<halfHeight {
      let top = samples.span.extracting(2 * y * width..<(2 * y + 1) * width)
      let bottom = samples.span.extracting((2 * y + 1) * width..<(2 * y + 2) * width)
      for x in 0..<halfWidth {
        means.append((top[2 * x] + top[2 * x + 1] + bottom[2 * x] + bottom[2 * x + 1]) / 4)
      }
    }
    return MetricPlane(width: halfWidth, height: halfHeight, samples: means)
  }

  /// Half the size, rounded up: an odd last column or row counts twice.
  func halvedRoundingUp() -> MetricPlane {
    let (halfWidth, halfHeight) = ((width + 1) / 2, (height + 1) / 2)
    var means: [Float] = []
    means.reserveCapacity(halfWidth * halfHeight)
    for y in 0..<halfHeight {
      let (top, bottom) = (2 * y * width, min(2 * y + 1, height - 1) * width)
      for x in 0..<halfWidth {
        let (left, right) = (2 * x, min(2 * x + 1, width - 1))
        means.append(
          (samples[top + left] + samples[top + right] + samples[bottom + left]
            + samples[bottom + right]) / 4)
      }
    }
    return MetricPlane(width: halfWidth, height: halfHeight, samples: means)
  }
}
