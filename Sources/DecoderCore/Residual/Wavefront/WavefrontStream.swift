internal import CKernels
internal import Entropy

typealias KernelWavePort = ck_wave_port

/// The symbols of one plane, or of all, in either direction: interleaved rANS, in blocks that each start anew.
final class WavefrontStream {
  /// Symbols, or rounds of decisions, after which a block ends with its band: so that what an
  /// encoder lists stays in the cache.
  private static let symbolCount = 1 << 19
  private static let roundCount = 1 << 17

  private let kernels: WavefrontKernels
  private let isMixed: Bool
  /// What an encoder has listed, or the blocks that a decoder reads.
  private let listed: Buffer<UInt32>
  private let blocks: Buffer<UInt8>
  private var port = KernelWavePort()
  private var cost = ck_wave_cost(mantissa: 1, exponent: 0)
  private(set) var bytes: [UInt8] = []
  /// Where it starts in its file, for errors.
  let start: Int
  /// What ended it early on a thread of its own.
  var failure: CodecError?

  /// For writing `planeCount` planes like `plane`.
  init(writing plane: WavefrontPlane, planeCount: Int, kernels: WavefrontKernels) {
    self.kernels = kernels
    let setting = plane.setting
    isMixed = setting.profile.isMixed
    start = 0
    let lanes = Int(CK_WAVE_LANES)
    // A sample is two symbols at most.
    let room =
      isMixed
      ? (Self.roundCount + plane.stepCount * Int(CK_WAVE_ROUNDS)) * lanes / 2
      : min(Self.symbolCount, planeCount * 2 * setting.width * setting.height)
        + plane.stepCount * 2 * lanes
    listed = Buffer(zeroed: room)
    blocks = Buffer(zeroed: 1)
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
    blocks = Buffer(zeroed: slice.range.count)
    blocks.copy(slice.bytes, in: slice.range)
    port.end = UnsafePointer(blocks.base)
    try open()
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

  /// Begins the next block: its length in bytes, in groups of seven bits, then these.
  private func open() throws(CodecError) {
    var place = port.end! - UnsafePointer(blocks.base)
    var length = 0
    var shift = 0
    repeat {
      guard place < blocks.count else { throw .truncated(at: start + place) }
      guard shift < 28 else { throw .corrupt(field: "residual block's length", at: start + place) }
      length |= Int(blocks.base[place] & 0x7F) << shift
      shift += 7
      place += 1
    } while blocks.base[place - 1] >= 0x80
    guard length <= blocks.count - place else { throw .truncated(at: start + blocks.count) }
    guard length >= Int(CK_WAVE_STATES_SIZE), length % (isMixed ? 2 : 4) == 0 else {
      throw .corrupt(field: "residual block's length", at: start + place)
    }
    port.in = UnsafePointer(blocks.base + place)
    port.end = UnsafePointer(blocks.base + place + length)
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
    if port.in != nil {
      guard Int(port.count) > (isMixed ? Self.roundCount : Self.symbolCount) else { return }
      try checkEnd()
      try open()
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
    let byteCount = 2 * (end - first)
    var length = ByteWriter()
    length.varint(byteCount)
    bytes += length.bytes
    bytes.append(contentsOf: UnsafeRawBufferPointer(start: first, count: byteCount))
    rewind()
  }

  /// Ends the last block: a decoder's states must be what an encoder started from.
  func finish() throws(CodecError) {
    guard port.in != nil else { return writeBlock() }
    try checkEnd()
    guard port.end! - UnsafePointer(blocks.base) == blocks.count else {
      throw .corrupt(field: "residual stream", at: start)
    }
  }

  private func checkEnd() throws(CodecError) {
    guard kernels.call.is_at_end(&port, isMixed ? 1 : 0) != 0 else {
      throw .corrupt(field: "residual stream", at: start)
    }
  }

  /// What an encoder's symbols cost, in bits.
  var bits: Double {
    -(DeterministicMath.logarithm2(cost.mantissa) + Double(cost.exponent))
  }
}
