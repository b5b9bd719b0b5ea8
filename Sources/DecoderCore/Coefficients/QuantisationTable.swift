/// The 64 steps of a plane's coefficients, row after row; each 1 ... 255, or up to 65535 in files
/// that are kept.
///
/// Most files have one of the example tables of the JPEG standard, scaled as the Independent JPEG
/// Group's encoder does; a byte signals which (docs/FORMAT.md §13.5).
package struct QuantisationTable: Equatable, Sendable {
  package var steps: [Int32]

  /// ITU-T T.81, tables K.1 and K.2.
  private static let luma: [Int32] = [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113,
    92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
  ]
  private static let chroma: [Int32] = [
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99,
    47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
  ]

  /// Codes of example tables: 1 ... 100 for luma by quality, 101 ... 200 for chroma.
  package static let codes = 1...200
  private static let sameCode = 255
  /// Steps of two bytes follow: 64 of them, or the code of an example whose steps are not held below
  /// 256.
  private static let wideCode = 254
  private static let wideExampleCode = 253

  package init(steps: [Int32]) {
    precondition(steps.count == 64 && steps.allSatisfy { (1...65535).contains($0) })
    self.steps = steps
  }

  /// An example table.
  package init(code: Int) { self.init(code: code, largest: 255) }

  private init(code: Int, largest: Int32) {
    precondition(Self.codes.contains(code))
    let quality = Int32((code - 1) % 100 + 1)
    let percent = quality < 50 ? 5000 / quality : 200 - 2 * quality
    steps = (code <= 100 ? Self.luma : Self.chroma).map {
      min(max(($0 * percent + 50) / 100, 1), largest)
    }
  }

  /// An example table with steps of up to 15 bits.
  private init(wideCode code: Int) { self.init(code: code, largest: 32767) }

  /// Whether a step needs two bytes.
  package var isWide: Bool { steps.contains { $0 > 255 } }

  /// `before` is the table of the plane before this one.
  func write(to writer: inout ByteWriter, after before: QuantisationTable?) {
    if self == before { return writer.uint8(UInt8(Self.sameCode)) }
    if let code = Self.codes.first(where: { QuantisationTable(code: $0) == self }) {
      return writer.uint8(UInt8(code))
    }
    guard isWide else {
      writer.uint8(0)
      return writer.append(steps.map { UInt8($0) })
    }
    if let code = Self.codes.first(where: { QuantisationTable(wideCode: $0) == self }) {
      writer.uint8(UInt8(Self.wideExampleCode))
      return writer.uint8(UInt8(code))
    }
    writer.uint8(UInt8(Self.wideCode))
    for step in steps { writer.uint16(Int(step)) }
  }

  init(
    _ reader: inout ByteReader, after before: QuantisationTable?, allowsWide: Bool
  ) throws(CodecError) {
    let start = reader.position
    let code = Int(try reader.uint8())
    if Self.codes.contains(code) {
      self.init(code: code)
    } else if code == Self.sameCode, let before {
      self.init(steps: before.steps)
    } else if code == 0 {
      let bytes = try reader.bytes(64)
      guard bytes.allSatisfy({ $0 > 0 }) else {
        throw .corrupt(field: "quantisation table", at: start)
      }
      self.init(steps: bytes.map { Int32($0) })
    } else if code == Self.wideCode, allowsWide {
      var steps: [Int32] = []
      for _ in 0..<64 { steps.append(Int32(try reader.uint16())) }
      guard !steps.contains(0) else {
        throw .corrupt(field: "quantisation table", at: start)
      }
      self.init(steps: steps)
    } else if code == Self.wideExampleCode, allowsWide {
      let example = Int(try reader.uint8())
      guard Self.codes.contains(example) else {
        throw .corrupt(field: "quantisation table", at: start)
      }
      self.init(wideCode: example)
    } else {
      throw .corrupt(field: "quantisation table", at: start)
    }
  }
}
