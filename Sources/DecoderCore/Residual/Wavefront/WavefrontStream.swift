internal import CKernels
internal import Entropy

typealias KernelWavePort = ck_wave_port

/// The symbols of one plane in either direction: interleaved rANS, in blocks that each start anew.
final class WavefrontStream {
  /// Symbols, or rounds of decisions, after which a block ends with its band: so that what an
  /// encoder lists stays in the cache.
  private static let symbolCount = 1 << 19
  private static let roundCount = 1 << 17

  private let kernels: WavefrontKernels
  private let isMixed: Bool
  /// What an encoder has listed, or the words that a decoder reads.
  private let listed: Buffer<UInt32>
  private let words: Buffer<UInt16>
  private var port = KernelWavePort()
  private var cost = ck_wave_cost(mantissa: 1, exponent: 0)
  private(set) var bytes: [UInt8] = []
  /// Where it starts in its file, for errors.
  let start: Int

  /// For writing a plane of `stepCount` steps a band.
  init(writing profile: WavefrontProfile, stepCount: Int, kernels: WavefrontKernels) {
    self.kernels = kernels
    isMixed = profile.isMixed
    start = 0
    let lanes = Int(CK_WAVE_LANES)
    let room =
      isMixed
      ? (Self.roundCount + stepCount * Int(CK_WAVE_ROUNDS)) * lanes / 2
      : Self.symbolCount + stepCount * 2 * lanes
    listed = Buffer(zeroed: room)
    words = Buffer(zeroed: 1)
    rewind()
  }

  /// For reading what was written.
  init(
    reading slice: StreamSlice, by profile: WavefrontProfile, kernels: WavefrontKernels
  ) throws(CodecError) {
    self.kernels = kernels
    isMixed = profile.isMixed
    start = slice.start
    listed = Buffer(zeroed: 1)
    guard slice.range.count % 2 == 0 else {
      throw .corrupt(field: "residual stream's length", at: slice.start)
    }
    let count = slice.range.count / 2
    words = Buffer(zeroed: count + Int(CK_WAVE_MARGIN))
    for index in 0..<count {
      let place = slice.range.lowerBound + 2 * index
      words.base[index] = UInt16(slice.bytes[place]) | UInt16(slice.bytes[place + 1]) << 8
    }
    port.in = UnsafePointer(words.base)
    port.end = UnsafePointer(words.base + count)
    open()
  }

  private func rewind() {
    port.count = 0
    if isMixed {
      port.decisions = UnsafeMutableRawPointer(listed.base)
        .bindMemory(to: UInt16.self, capacity: 2 * listed.count)
    } else {
      port.symbols = listed.base
    }
  }

  private func open() {
    if isMixed { kernels.call.read_decisions(&port) } else { kernels.call.read_symbols(&port) }
  }

  /// Codes a band of a plane; `ranks` are those of its first row.
  func codeBand(
    _ band: Int, of plane: WavefrontPlane, _ ranks: UnsafeMutablePointer<UInt16>
  ) throws(CodecError) {
    try startBlock()
    kernels.call.code_band(plane.kernel, Int32(band), ranks, kernels.symbols, &port)
  }

  /// Ends a block that is long enough, before the next band.
  private func startBlock() throws(CodecError) {
    let isReading = port.in != nil
    if isReading {
      guard Int(port.count) > (isMixed ? Self.roundCount : Self.symbolCount) else { return }
      try checkEnd()
      open()
    } else if listedCount > (isMixed ? Self.roundCount : Self.symbolCount) {
      writeBlock()
    }
  }

  /// Symbols, or rounds of decisions.
  private var listedCount: Int {
    if isMixed { return Int(port.count) }
    return port.symbols! - listed.base
  }

  private func writeBlock() {
    let count = listedCount
    // A symbol moves at most 32 bits out, a decision 16.
    let room = 2 * Int(CK_WAVE_LANES) * 4 + (isMixed ? count * Int(CK_WAVE_LANES) : 2 * count)
    let words = Buffer<UInt16>(zeroed: room)
    let end = words.base + room
    let first =
      isMixed
      ? UnsafeMutableRawPointer(listed.base).withMemoryRebound(
        to: UInt16.self, capacity: 2 * listed.count
      ) { kernels.call.write_decisions($0, count, end, &cost) }
      : kernels.call.write_symbols(listed.base, count, end, &cost)
    bytes.reserveCapacity(bytes.count + 2 * (end - first))
    var word = first
    while word != end {
      bytes.append(UInt8(truncatingIfNeeded: word.pointee))
      bytes.append(UInt8(truncatingIfNeeded: word.pointee >> 8))
      word += 1
    }
    rewind()
  }

  /// Whether what was read so far was there.
  var isExhausted: Bool { port.is_exhausted != 0 }

  /// Ends the last block: a decoder's states must be what an encoder started from.
  func finish() throws(CodecError) {
    if port.in == nil {
      writeBlock()
    } else {
      try checkEnd()
      guard port.in == port.end else { throw .corrupt(field: "residual stream", at: start) }
    }
  }

  private func checkEnd() throws(CodecError) {
    guard !isExhausted else { throw .truncated(at: start) }
    guard kernels.call.is_at_end(&port, isMixed ? 1 : 0) != 0 else {
      throw .corrupt(field: "residual stream", at: start)
    }
  }

  /// What an encoder's symbols cost, in bits.
  var bits: Double {
    -(DeterministicMath.logarithm2(cost.mantissa) + Double(cost.exponent))
  }
}
