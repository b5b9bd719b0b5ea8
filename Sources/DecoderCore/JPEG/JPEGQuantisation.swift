/// A quantisation table as a JPEG file defines it.
///
/// Source: ITU-T T.81, B.2.4.1.
package struct JPEGQuantisation: Equatable, Sendable {
  /// 0 ... 3.
  package var number: Int
  /// Whether the file stores steps in two bytes each.
  package var isWide: Bool
  /// 64 steps, row after row.
  package var steps: [UInt16]

  package init(number: Int, isWide: Bool, steps: [UInt16]) {
    precondition(steps.count == 64)
    self.number = number
    self.isWide = isWide
    self.steps = steps
  }

  private static let sameCode = 255

  /// The codes of ``QuantisationTable``, with the larger steps that wide tables may have.
  private static func steps(code: Int, isWide: Bool) -> [UInt16] {
    let quality = Int32((code - 1) % 100 + 1)
    let percent = quality < 50 ? 5000 / quality : 200 - 2 * quality
    let base = QuantisationTable(code: code <= 100 ? 50 : 150).steps
    return base.map { UInt16(min(max(($0 * percent + 50) / 100, 1), isWide ? 32767 : 255)) }
  }

  /// The steps alone; `before` is the table before this one in the file.
  func writeSteps(to writer: inout ByteWriter, after before: JPEGQuantisation?) {
    if let before, before.steps == steps { return writer.uint8(UInt8(Self.sameCode)) }
    for code in QuantisationTable.codes where Self.steps(code: code, isWide: isWide) == steps {
      return writer.uint8(UInt8(code))
    }
    writer.uint8(0)
    for step in steps {
      if isWide { writer.uint16(Int(step)) } else { writer.uint8(UInt8(step)) }
    }
  }

  mutating func readSteps(
    _ reader: inout ByteReader, after before: JPEGQuantisation?
  ) throws(CodecError) {
    let start = reader.position
    let code = Int(try reader.uint8())
    if QuantisationTable.codes.contains(code) {
      steps = Self.steps(code: code, isWide: isWide)
    } else if code == Self.sameCode, let before {
      steps = before.steps
      guard isWide || steps.allSatisfy({ $0 < 256 }) else {
        throw .corrupt(field: "quantisation table", at: start)
      }
    } else if code == 0 {
      for place in 0..<64 {
        steps[place] = isWide ? UInt16(try reader.uint16()) : UInt16(try reader.uint8())
      }
    } else {
      throw .corrupt(field: "quantisation table", at: start)
    }
  }
}

/// The order of coefficients in JPEG files.
package enum JPEGZigzag {
  /// The place in its block, row after row, of each coefficient; ITU-T T.81, figure 5.
  package static let natural: [UInt8] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
    13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59,
    52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
  ]

  /// The inverse of ``natural``.
  package static let order: [UInt8] = {
    var order = [UInt8](repeating: 0, count: 64)
    for (k, place) in natural.enumerated() { order[Int(place)] = UInt8(k) }
    return order
  }()
}
