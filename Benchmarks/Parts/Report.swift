import CKernels
import Foundation

/// The lines of the table.
final class Report {
  private let limits = Limits()

  /// The header, and what the machine can do.
  func printLimits() {
    line("part", "", "ns/sample", "GMAC/s", "share")
    line("limit, 16-bit integers", "", "", number(limits.int16 / 1e9, 2))
    line("limit, floats", "", "", number(limits.float / 1e9, 2))
  }

  /// Times a part.
  func print(_ part: Part) {
    let seconds = part.seconds()
    let nanoseconds = seconds * 1e9 / Double(part.sampleCount)
    var speed = ("", "")
    if let multiplyAdds = part.multiplyAdds {
      let perSecond = Double(multiplyAdds.count) / seconds
      let share = perSecond / limits.perSecond(multiplyAdds)
      speed = (number(perSecond / 1e9, 2), number(100 * share, 0) + " %")
    }
    let isa = part.isa.map(name) ?? ""
    line(part.name, isa, number(nanoseconds, nanoseconds < 10 ? 3 : 1), speed.0, speed.1)
  }

  private func line(
    _ part: String, _ isa: String, _ time: String, _ speed: String, _ share: String = ""
  ) {
    let left = part + String(repeating: " ", count: max(1, 46 - part.count)) + isa
    let right = [(time, 10), (speed, 9), (share, 8)].map { text, width in
      String(repeating: " ", count: max(0, width - text.count)) + text
    }
    let gap = String(repeating: " ", count: max(0, 56 - left.count))
    Swift.print(left + gap + right.joined())
  }

  private func number(_ value: Double, _ decimals: Int) -> String {
    String(format: "%.\(decimals)f", value)
  }
}
