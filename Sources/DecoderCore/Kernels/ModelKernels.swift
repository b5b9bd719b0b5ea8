internal import CKernels

/// The model's integer kernels for one instruction set: arrays in, C pointers out.
struct ModelKernels: Sendable {
  private let table: ck_model_kernels

  /// The kernels for `isa`, or nil where this machine cannot run them.
  init?(_ isa: KernelISA) {
    guard let table = ck_model_kernels_for(isa.code) else { return nil }
    self.table = table.pointee
  }

  /// The fastest kernels of this machine, or those that RDCODEC_ISA names.
  static let best = ModelKernels(KernelISA.current) ?? ModelKernels(.portable)!

  /// See `convolve` in ck_model.h; reads `x` from `offset`.
  func convolve(
    _ x: [Int16], offset: Int, rowStride: Int, rows: Int, rowLength: Int, step: Int,
    weights: [Int16], bias: [Int32], sums: inout [Int32], count: Int
  ) {
    guard count > 0 else { return }
    precondition(offset >= 0 && rowLength.isMultiple(of: 2) && bias.count.isMultiple(of: 16))
    precondition(offset + (rows - 1) * rowStride + (count - 1) * step + rowLength <= x.count)
    precondition(weights.count == bias.count * rows * rowLength)
    precondition(sums.count >= count * bias.count)
    x.withUnsafeBufferPointer { x in
      table.convolve(
        x.baseAddress! + offset, rowStride, rows, rowLength, step, weights, bias, &sums,
        bias.count, count)
    }
  }

  /// See `depthwise3` in ck_model.h; reads `x` from `offset`.
  func depthwise(
    _ x: [Int16], offset: Int, rowStride: Int, weights: [Int16], bias: [Int32],
    sums: inout [Int32], count: Int
  ) {
    guard count > 0 else { return }
    let channels = bias.count
    precondition(offset + 2 * rowStride + (count + 2) * channels <= x.count)
    precondition(weights.count == 9 * channels && sums.count >= count * channels)
    x.withUnsafeBufferPointer { x in
      table.depthwise3(x.baseAddress! + offset, rowStride, weights, bias, &sums, channels, count)
    }
  }

  /// See `requantize` in ck_model.h; writes `count` values to `y` from `offset`.
  func requantize(
    _ sums: [Int32], shift: Int, leaky: Bool, to y: inout [Int16], offset: Int, count: Int
  ) {
    precondition(sums.count >= count && offset >= 0 && offset + count <= y.count)
    y.withUnsafeMutableBufferPointer { y in
      guard let base = y.baseAddress else { return }
      table.requantize(sums, Int32(shift), leaky ? 1 : 0, base + offset, count)
    }
  }

  /// See `add` in ck_model.h.
  func add(_ y: inout [Int16], _ x: [Int16]) {
    precondition(x.count >= y.count)
    table.add(&y, x, y.count)
  }
}
