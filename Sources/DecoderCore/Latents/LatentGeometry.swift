/// Where latents lie over pixels.
package enum LatentGeometry {
  /// Both sides of the padded image are multiples of this many pixels.
  package static let alignment = 16

  /// A side of `pixelCount` pixels, divided by 2^shift and rounded up.
  package static func reduced(_ pixelCount: Int, shift: Int) -> Int {
    (pixelCount + (1 << shift) - 1) >> shift
  }

  /// Latents along a side of `pixelCount` pixels.
  package static func latentCount(_ pixelCount: Int) -> Int {
    (pixelCount + alignment - 1) / alignment * 2
  }
}
