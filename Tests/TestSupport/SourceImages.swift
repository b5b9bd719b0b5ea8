package import RDCodec

/// Images whose pixels come from something smaller.
package enum SourceImages {
  package enum Chroma: CaseIterable, Sendable {
    case full, replicated, bilinear, triangle, triangleAcross
  }

  /// YCbCr with chroma that is smaller in some way, as RGB by JPEG's rule.
  ///
  /// A photograph's luma under saturated colours, some of them clamped.
  package static func jpegLike(
    _ chroma: Chroma, width: Int, height: Int, seed: UInt64 = 3
  ) -> Image {
    let luma = SyntheticImages.photograph(width: width, height: height, seed: seed).planes[1]
    let (across, down) = ((width + 1) / 2, (height + 1) / 2)
    let cells = (0..<2).map { plane in
      SyntheticImages.photograph(width: across, height: down, seed: seed + 7 + UInt64(plane))
        .planes[0].map { 64 + Int($0) / 2 }
    }
    func cell(_ plane: Int, _ x: Int, _ y: Int) -> Int {
      cells[plane][min(max(y, 0), down - 1) * across + min(max(x, 0), across - 1)]
    }
    func value(_ plane: Int, _ x: Int, _ y: Int) -> Int {
      let (cx, cy) = (x / 2, y / 2)
      let (fx, fy) = (x % 2 == 0 ? cx - 1 : cx + 1, y % 2 == 0 ? cy - 1 : cy + 1)
      switch chroma {
      case .full: return cell(plane, cx, cy) + (x * 3 + y * 5) % 7
      case .replicated: return cell(plane, cx, cy)
      case .bilinear:
        let (rx, ry) = (min(cx + x % 2, across - 1), min(cy + y % 2, down - 1))
        let sum =
          cell(plane, cx, cy) + cell(plane, rx, cy) + cell(plane, cx, ry) + cell(plane, rx, ry)
        return (sum + 2) >> 2
      case .triangle:
        let near = 3 * cell(plane, cx, cy) + cell(plane, cx, fy)
        let far = 3 * cell(plane, fx, cy) + cell(plane, fx, fy)
        return (3 * near + far + (x % 2 == 0 ? 8 : 7)) >> 4
      case .triangleAcross:
        let row = y / 2
        return (3 * cell(plane, cx, row) + cell(plane, fx, row) + (x % 2 == 0 ? 1 : 2)) >> 2
      }
    }
    var planes = [[UInt16]](
      repeating: [UInt16](repeating: 0, count: width * height), count: 3)
    for y in 0..<height {
      for x in 0..<width {
        let place = y * width + x
        let (l, b, r) = (Int(luma[place]), value(0, x, y) - 128, value(1, x, y) - 128)
        let colors = [
          l + (91881 * r + 32768) >> 16, l + (-22554 * b - 46802 * r + 32768) >> 16,
          l + (116130 * b + 32768) >> 16,
        ]
        for channel in 0..<3 {
          planes[channel][place] = UInt16(min(max(colors[channel], 0), 255))
        }
      }
    }
    return Image(width: width, height: height, colorType: .rgb, depth: 8, planes: planes)
  }

  /// A lattice that nothing knows by name, rounded down.
  package static func unknownLattice(width: Int, height: Int, seed: UInt64 = 5) -> Image {
    let photograph = SyntheticImages.photograph(width: width, height: height, seed: seed)
    let more = SyntheticImages.photograph(width: width, height: height, seed: seed + 1)
    var planes = photograph.planes
    for place in photograph.planes[0].indices {
      let l = Double(photograph.planes[1][place]) * 0.7
      let a = (Double(more.planes[0][place]) - 110) / 4
      let b = (Double(more.planes[0][photograph.pixelCount - 1 - place]) - 110) / 4
      let (y, c, d) = (l.rounded(), a.rounded(), b.rounded())
      let colors = [1.36 * y + 1.82 * c, 1.36 * y - 0.93 * c - 0.43 * d, 1.36 * y + 2.22 * d]
      for channel in 0..<3 {
        planes[channel][place] = UInt16(min(max(colors[channel].rounded(.down), 0), 255))
      }
    }
    return Image(width: width, height: height, colorType: .rgb, depth: 8, planes: planes)
  }
}
