package import Entropy

/// Codes what an image differs in from what its source planes give, in either direction.
///
/// Pixel after pixel: where chroma is not what the sampling makes of its cells, and what has to be
/// added to the colour that the lattice gives. That is the same for equal coordinates nearly
/// always, so it is coded once, under contexts that show how the lattice's own rounding went.
package struct SourceCorrections: ~Copyable {
  private let source: ColorSource
  /// [plane][contexts]: whether chroma differs.
  private var differs = [AdaptiveBit](repeating: AdaptiveBit(limit: 10), count: 2 * 64)
  private var differences = [MagnitudeModel](repeating: MagnitudeModel(), count: 4)
  private var history = CorrectionHistory()
  private var isNew = [AdaptiveBit](repeating: AdaptiveBit(limit: 12), count: 4)
  private var first = FirstCorrections()

  package init(_ source: ColorSource) { self.source = source }

  /// Codes an image's corrections. An encoder gives the chroma of every pixel and the samples; a
  /// decoder gets the samples. Throws where the stream ends early.
  ///
  /// - Parameters:
  ///   - luma: the coordinate of every pixel.
  ///   - made: the two chroma planes that the sampling gives.
  ///   - chroma: the two planes as they are.
  ///   - samples: red, green, blue.
  package mutating func code<Coder: BinaryCoder & ~Copyable>(
    width: Int, height: Int, luma: [UInt16], made: [[UInt16]], chroma: inout [[UInt16]],
    samples: inout [[UInt16]], with coder: inout Coder
  ) throws(CodecError) {
    let isSampled = source.sampling != nil
    var exceptions = ExceptionRows(width: width)
    var wasSame = 1
    for y in 0..<height {
      if coder.isExhausted { throw .truncated(at: coder.start) }
      exceptions.beginRow()
      for x in 0..<width {
        let place = y &* width &+ x
        var k = SIMD3(Int(luma[place]), Int(made[0][place]), Int(made[1][place]))
        if isSampled {
          codeChroma(&k, Int(chroma[0][place]), Int(chroma[1][place]), x, &exceptions, with: &coder)
          chroma[0][place] = UInt16(truncatingIfNeeded: k.y)
          chroma[1][place] = UInt16(truncatingIfNeeded: k.z)
        }
        let known = history.find(k)
        let positions = SIMD3(
          source.lattice.position(k, 0), source.lattice.position(k, 1),
          source.lattice.position(k, 2))
        let plain = SIMD3<Int>(
          truncatingIfNeeded: (positions &>> Int64(ColorLattice.fractionBits)).clamped(
            lowerBound: SIMD3(repeating: 0), upperBound: SIMD3(repeating: 255)))
        let sample = SIMD3(
          Int(samples[0][place]), Int(samples[1][place]), Int(samples[2][place]))
        var correction = sample &- plain
        if let known {
          let isSame = coder.code(correction == known, &isNew[wasSame])
          wasSame = isSame ? 1 : 0
          if isSame {
            correction = known
          } else {
            correction = first.code(correction, k, positions, plain, with: &coder)
            history.replace(correction)
          }
        } else {
          correction = first.code(correction, k, positions, plain, with: &coder)
          history.insert(k, correction)
        }
        let result = (plain &+ correction).clamped(
          lowerBound: SIMD3(repeating: 0), upperBound: SIMD3(repeating: 255))
        samples[0][place] = UInt16(truncatingIfNeeded: result.x)
        samples[1][place] = UInt16(truncatingIfNeeded: result.y)
        samples[2][place] = UInt16(truncatingIfNeeded: result.z)
      }
    }
    if coder.isExhausted { throw .truncated(at: coder.start) }
  }

  /// Codes whether and how far chroma is off what was made; `k` holds the made values first.
  @inline(__always)
  private mutating func codeChroma<Coder: BinaryCoder & ~Copyable>(
    _ k: inout SIMD3<Int>, _ first: Int, _ second: Int, _ x: Int,
    _ exceptions: inout ExceptionRows, with coder: inout Coder
  ) {
    let around = exceptions.context(x)
    // Where the made colour is out of range, what it came from is uncertain.
    var isClamped = 0
    for channel in 0..<3 {
      let sample = source.lattice.sample(k, channel)
      if sample == 0 || sample == 255 { isClamped = 1 }
    }
    let limit = (1 << source.depth) - 1
    let context = around << 1 | isClamped
    let isFirst = coder.code(first != k.y, &differs[context])
    let isSecond = coder.code(
      second != k.z, &differs[64 + (context << 1 | (isFirst ? 1 : 0))])
    if isFirst {
      let d = differences[isSecond ? 1 : 0].code(first - k.y, with: &coder)
      k.y = min(max(k.y &+ d, 0), limit)
    }
    if isSecond {
      let d = differences[isFirst ? 3 : 2].code(second - k.z, with: &coder)
      k.z = min(max(k.z &+ d, 0), limit)
    }
    exceptions.set(x, isFirst || isSecond)
  }
}

/// Where chroma differed in this row and the one above.
private struct ExceptionRows {
  private var above: [Bool]
  private var row: [Bool]
  private let width: Int

  init(width: Int) {
    self.width = width
    above = Array(repeating: false, count: width + 2)
    row = above
  }

  mutating func beginRow() {
    swap(&above, &row)
    for x in row.indices { row[x] = false }
  }

  /// 0 ... 15: left, upper left, upper, upper right.
  func context(_ x: Int) -> Int {
    (row[x] ? 1 : 0) | (above[x] ? 2 : 0) | (above[x + 1] ? 4 : 0) | (above[x + 2] ? 8 : 0)
  }

  mutating func set(_ x: Int, _ value: Bool) { row[x + 1] = value }
}
