package import ArgumentParser
package import RDCodec

/// How large a picture may be, for every command that reads one.
package struct LimitOptions: EncoderSetting {
  @Option(
    help: ArgumentHelp(
      "Refuse pictures of more pixels than this, such as 400M (default: 268435456).",
      valueName: "count"))
  package var maxPixels: Amount<Decimal>?

  @Option(
    help: ArgumentHelp(
      "Refuse a picture that may take more memory than this, such as 2G, by an estimate.",
      valueName: "bytes"))
  package var maxMemory: Amount<Binary>?

  @Option(
    help: ArgumentHelp(
      "Refuse more metadata in a file than this (default: 64M).", valueName: "bytes"))
  package var maxMetadata: Amount<Binary>?

  package init() {}

  package func apply(to options: inout EncoderOptions) {
    options.memoryByteCount = limits.memoryByteCount
  }

  /// What readers and decoders may allocate.
  package var limits: DecoderLimits {
    var limits = DecoderLimits.default
    if let maxPixels {
      limits.pixelCount = maxPixels.value
      // No side has more pixels than the picture.
      limits.dimension = maxPixels.value
    }
    if let maxMetadata { limits.metadataByteCount = maxMetadata.value }
    if let maxMemory { limits.memoryByteCount = maxMemory.value }
    return limits
  }

  /// The same for a command that looks at headers only: it may show a picture of any size.
  package var headerLimits: DecoderLimits {
    var limits = limits
    if maxPixels == nil { (limits.dimension, limits.pixelCount) = (.max, .max) }
    return limits
  }
}

/// A whole number of 1 or more, of which K, M, G or T after it make thousands or 1024s.
package struct Amount<Base: UnitBase>: ExpressibleByArgument, Equatable {
  package var value: Int

  package init?(argument: String) {
    let digits = argument.prefix { $0.isASCII && $0.isNumber || $0 == "." }
    guard let number = Double(digits), !digits.hasPrefix("."), !digits.hasSuffix("."),
      let factor = Base.factor(of: argument.dropFirst(digits.count).lowercased())
    else { return nil }
    let product = number * factor
    guard product >= 1, product < 0x1p62, product == product.rounded() else { return nil }
    value = Int(product)
  }
}

/// What units stand for.
package protocol UnitBase: Sendable {
  /// Nil where the unit is not known; `unit` is in lower case.
  static func factor(of unit: String) -> Double?
}

/// K is 1000: pixels.
package enum Decimal: UnitBase {
  package static func factor(of unit: String) -> Double? {
    ["": 1, "k": 1e3, "m": 1e6, "mp": 1e6, "g": 1e9, "gp": 1e9, "t": 1e12][unit]
  }
}

/// K and KB are 1000 and KiB is 1024: bytes of a file that is to be made.
package enum DecimalBytes: UnitBase {
  package static func factor(of unit: String) -> Double? {
    unit.hasSuffix("b") ? Binary.factor(of: unit) : Decimal.factor(of: unit)
  }
}

/// K and KiB are 1024 and KB is 1000, as GNU programs have it: bytes.
package enum Binary: UnitBase {
  package static func factor(of unit: String) -> Double? {
    for (index, letter) in ["k", "m", "g", "t"].enumerated() {
      let binary = Double(1 << (10 * (index + 1)))
      if unit == letter || unit == "\(letter)ib" { return binary }
      if unit == "\(letter)b" { return [1e3, 1e6, 1e9, 1e12][index] }
    }
    return unit.isEmpty || unit == "b" ? 1 : nil
  }
}
