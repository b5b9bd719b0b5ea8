package import CKernels

package typealias KernelLayer = ck_layer
package typealias KernelRows = UnsafePointer<UnsafePointer<Int16>?>

/// The model's integer kernels for one instruction set; `ck_model.h` says what each does.
package struct ModelKernels: Sendable {
  private let table: ck_model_kernels

  /// The kernels for `isa`, or nil where this machine cannot run them.
  package init?(_ isa: KernelISA) {
    guard let table = ck_model_kernels_for(isa.code) else { return nil }
    self.table = table.pointee
  }

  /// The fastest kernels of this machine, or those that RDCODEC_ISA names.
  package static let best = ModelKernels(KernelISA.current) ?? ModelKernels(.portable)!

  /// The table itself, for calls.
  @inline(__always)
  package var call: ck_model_kernels { table }

  /// See `convolve` in ck_model.h; reads `x` from `offset`.
  func convolve(
    _ x: [Int16], offset: Int, rowStride: Int, rows: Int, rowLength: Int, step: Int,
    weights: UnsafePointer<Int16>, bias: UnsafePointer<Int32>, outputs: Int,
    sums: inout [Int32], count: Int
  ) {
    guard count > 0 else { return }
    precondition(offset >= 0 && rowLength.isMultiple(of: 2) && outputs.isMultiple(of: 16))
    precondition(offset + (rows - 1) * rowStride + (count - 1) * step + rowLength <= x.count)
    precondition(sums.count >= count * outputs)
    x.withUnsafeBufferPointer { x in
      table.convolve(
        x.baseAddress! + offset, rowStride, rows, rowLength, step, weights, bias, &sums, outputs,
        count)
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

/// The kernels of rows of pixels for one instruction set; `ck_model.h` says what each does.
package struct PixelKernels: Sendable {
  private let table: ck_pixel_kernels

  /// The kernels for `isa`, or nil where this machine cannot run them.
  package init?(_ isa: KernelISA) {
    guard let table = ck_pixel_kernels_for(isa.code) else { return nil }
    self.table = table.pointee
  }

  package static let best = PixelKernels(KernelISA.current) ?? PixelKernels(.portable)!

  /// The table itself, for calls.
  @inline(__always)
  package var call: ck_pixel_kernels { table }
}
