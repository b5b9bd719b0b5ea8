/// What colour followed a hashed neighbourhood last time, and how often it was right.
struct ColorHistory: ~Copyable {
  /// Not private: Swift 6.3.1 then fails to build the module without optimisation.
  struct Slot {
    var color: UInt64
    var check: UInt16
    /// How often the colour was right, 0: never stored.
    var confidence: UInt8
    var age: UInt8
  }

  private let slots: Buffer<Slot>
  private let shift: UInt64

  init(bits: Int) {
    slots = Buffer(zeroed: 1 << bits)
    shift = UInt64(64 - bits)
  }

  /// The colour known for `hash`, and its confidence: 0 (unknown) ... 3.
  @inline(__always)
  func look(_ hash: UInt64) -> (color: UInt64, confidence: Int) {
    let slot = slots[Int(hash &>> shift)]
    guard slot.check == UInt16(truncatingIfNeeded: hash), slot.confidence > 0 else { return (0, 0) }
    return (slot.color, slot.confidence > 6 ? 3 : slot.confidence > 2 ? 2 : 1)
  }

  /// Learns that `color` followed `hash`.
  @inline(__always)
  func learn(_ color: UInt64, _ hash: UInt64) {
    let index = Int(hash &>> shift)
    var slot = slots[index]
    let check = UInt16(truncatingIfNeeded: hash)
    if slot.check == check && slot.confidence > 0 {
      if slot.color == color {
        slot.confidence = min(slot.confidence, 254) + 1
      } else {
        slot.confidence >>= 2
        if slot.confidence < 2 {
          slot.color = color
          slot.confidence = 1
        }
      }
    } else if slot.confidence > 8 && slot.age & 3 != 0 {
      slot.confidence -= 1
      slot.age &+= 1
    } else {
      slot = Slot(color: color, check: check, confidence: 1, age: 1)
    }
    slots[index] = slot
  }
}
