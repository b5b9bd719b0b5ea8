internal import DecoderCore

/// A cube of samples and its discrete Fourier transform.
struct FourierCube {
  /// A power of two.
  let side: Int
  private(set) var real: [Float]
  private var imaginary: [Float]

  /// All zero.
  init(side: Int) {
    precondition(side > 1 && side & (side - 1) == 0)
    self.side = side
    real = Array(repeating: 0, count: side * side * side)
    imaginary = real
  }

  subscript(index: Int) -> Float {
    get { real[index] }
    set { real[index] = newValue }
  }

  /// The square of the magnitude at `index`, after ``transform()``.
  func power(_ index: Int) -> Float {
    real[index] * real[index] + imaginary[index] * imaginary[index]
  }

  /// The same at the frequency nearest to `f`, in cycles per sample.
  func power(_ f: SIMD3<Double>) -> Float {
    power((index(f.x) * side + index(f.y)) * side + index(f.z))
  }

  /// The place along an axis of the frequency nearest to `f`, which is far below 2³¹.
  private func index(_ f: Double) -> Int {
    Int((f * Double(side)).nearestWhole) & (side - 1)
  }

  /// Transforms in place; index (i · side + j) · side + k is then frequency (i, j, k) / side.
  mutating func transform() {
    // The last axis in the place of the one before it, so that all of them run over many values.
    transposePlanes()
    transform(stride: side)
    transposePlanes()
    for stride in [side, side * side] { transform(stride: stride) }
  }

  /// Swaps the last two axes.
  private mutating func transposePlanes() {
    real.withUnsafeMutableBufferPointer { re in
      imaginary.withUnsafeMutableBufferPointer { im in
        for plane in Swift.stride(from: 0, to: re.count, by: side * side) {
          for j in 0..<side {
            for k in 0..<j {
              let (a, b) = (plane &+ j &* side &+ k, plane &+ k &* side &+ j)
              (re[a], re[b]) = (re[b], re[a])
              (im[a], im[b]) = (im[b], im[a])
            }
          }
        }
      }
    }
  }

  /// Along one axis: radix 2, decimation in time.
  private mutating func transform(stride: Int) {
    let bitCount = side.trailingZeroBitCount
    let twiddles = (0..<side / 2).map { k in
      CircleFunctions.point(turns: -Double(k) / Double(side))
    }
    let blockCount = side * side / stride
    real.withUnsafeMutableBufferPointer { re in
      imaginary.withUnsafeMutableBufferPointer { im in
        for block in 0..<blockCount {
          let base = block * side * stride
          for k in 0..<side {
            var mirror = 0
            for bit in 0..<bitCount where k >> bit & 1 == 1 { mirror |= 1 << (bitCount - 1 - bit) }
            guard mirror > k else { continue }
            for inner in 0..<stride {
              re.swapAt(base + k * stride + inner, base + mirror * stride + inner)
              im.swapAt(base + k * stride + inner, base + mirror * stride + inner)
            }
          }
          var half = 1
          while half < side {
            for start in Swift.stride(from: 0, to: side, by: 2 * half) {
              for k in 0..<half {
                let w = twiddles[k * (side / (2 * half))]
                let (c, s) = (Float(w.cosine), Float(w.sine))
                let a = re.baseAddress! + (base + (start + k) * stride)
                let b = a + half * stride
                let ai = im.baseAddress! + (base + (start + k) * stride)
                let bi = ai + half * stride
                for n in 0..<stride {
                  let tr = b[n] * c - bi[n] * s
                  let ti = b[n] * s + bi[n] * c
                  b[n] = a[n] - tr
                  bi[n] = ai[n] - ti
                  a[n] += tr
                  ai[n] += ti
                }
              }
            }
            half *= 2
          }
        }
      }
    }
  }
}
