internal import CKernels

/// The wavefront's C kernels, and the table that they read symbols by; `ck_wavefront.h` says what
/// each does.
package struct WavefrontKernels: @unchecked Sendable {
  // Constants of the C library, and a table that nobody changes: shared freely.
  private let table: UnsafePointer<ck_wavefront_kernels>
  /// Where symbols start.
  let symbols: UnsafePointer<UInt16>

  init(_ table: UnsafePointer<ck_wavefront_kernels>) {
    self.table = table
    symbols = WaveSymbols.shared.starts
  }

  /// The table itself, for calls.
  @inline(__always)
  var call: ck_wavefront_kernels { table.pointee }
}

/// Where symbols start, filled at first use: a quarter of a millisecond.
private struct WaveSymbols: @unchecked Sendable {
  static let shared = WaveSymbols()
  let starts: UnsafePointer<UInt16>

  private init() {
    let starts = UnsafeMutablePointer<UInt16>.allocate(capacity: Int(CK_WAVE_SYMBOL_COUNT))
    KernelISA.current.wavefrontTable.pointee.fill_symbols(starts)
    self.starts = UnsafePointer(starts)
  }
}

extension KernelISA {
  fileprivate var wavefrontTable: UnsafePointer<ck_wavefront_kernels> {
    guard let table = ck_wavefront_kernels_for(code) else {
      preconditionFailure("this CPU does not run \(name)")
    }
    return table
  }

  /// The wavefront's kernels; `isAvailable` holds.
  package var wavefrontKernels: WavefrontKernels { WavefrontKernels(wavefrontTable) }
}
