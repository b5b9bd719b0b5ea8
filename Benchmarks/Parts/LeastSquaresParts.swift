import CKernels

private let blocks = 64
private let width = 16

/// Least squares over one row of blocks of 16 samples, one window, per sample.
func leastSquaresParts() -> [Part] {
  forEachTable(ck_residual_kernels_for) { isa, kernels in
    [2, 3, 4, 5].flatMap { leastSquares(vectors: $0, isa, kernels) }
  }
}

private func leastSquares(vectors: Int, _ isa: ck_isa, _ kernels: ck_residual_kernels) -> [Part] {
  var noise = Noise(state: 2)
  let regressors = 8 * vectors
  let stride = 8 * (4 * vectors * (vectors + 1) + vectors)
  let features = noise.floats(width * regressors, size: 20)
  let targets = noise.floats(width, size: 20)
  let ones = [Float](repeating: 1, count: width)
  var sums = [Float](repeating: 0, count: blocks * stride)
  for block in 0..<blocks {
    sums.withUnsafeMutableBufferPointer {
      kernels.accumulate(features, targets, ones, width, vectors, $0.baseAddress! + block * stride)
    }
  }
  let equations = sums
  var window = equations
  let block = Array(equations[..<stride])
  var one = block
  var run = block
  var weights = [Float](repeating: 0, count: blocks * regressors)

  func part(
    _ name: String, multiplyAdds: Int, _ body: @escaping () -> Void
  ) -> Part {
    Part(
      name: "\(name), \(regressors) regressors", isa: isa, sampleCount: blocks * width,
      multiplyAdds: .float(multiplyAdds), run: body)
  }
  // A triangular solution takes a third of a cube, half of it multiply-adds.
  let solution = regressors * regressors * regressors / 6 + regressors * regressors
  return [
    part("accumulate", multiplyAdds: blocks * width * stride) {
      for _ in 0..<blocks { kernels.accumulate(features, targets, ones, width, vectors, &one) }
    },
    part("spread", multiplyAdds: 3 * blocks * stride) {
      kernels.spread(equations, blocks, vectors, 0.8, 0.85, &window)
    },
    part("advance", multiplyAdds: blocks * stride) {
      for _ in 0..<blocks { kernels.advance(block, block, vectors, 0.8, &run, &one) }
    },
    part("solve", multiplyAdds: blocks * solution) {
      equations.withUnsafeBufferPointer { equations in
        weights.withUnsafeMutableBufferPointer { weights in
          for block in Swift.stride(from: 0, to: blocks, by: 8) {
            kernels.solve(
              equations.baseAddress! + block * stride, 8, regressors, vectors, 0.4,
              weights.baseAddress! + block * regressors)
          }
        }
      }
    },
  ]
}
