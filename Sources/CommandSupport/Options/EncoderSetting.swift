public import ArgumentParser
public import RDCodec

/// Options of the command line that say how to encode.
package protocol EncoderSetting: ParsableArguments {
  /// Puts what was given in place of what was there.
  func apply(to options: inout EncoderOptions) throws
}

extension EncoderOptions {
  /// Those that the command line asks for.
  package init(_ settings: [any EncoderSetting]) throws {
    self.init()
    for setting in settings { try setting.apply(to: &self) }
  }
}

/// How much the encoder tries.
package struct EffortOption: EncoderSetting {
  @Option(
    name: [.customShort("e", allowingJoined: true), .customLong("effort")],
    help: "1 (fastest) to 9 (smallest).")
  package var effort = 5

  package init() {}

  package func validate() throws {
    guard 1...9 ~= effort else { throw ValidationError("--effort must be from 1 to 9") }
  }

  package func apply(to options: inout EncoderOptions) { options.effort = effort }
}

/// Whether the encoder looks for what pixels were made from.
package struct SourceOption: EncoderSetting {
  @Flag(
    inversion: .prefixedNo,
    help: "Look for what an image was made from, such as subsampled YCbCr, and code that.")
  package var sourceRecovery = true

  package init() {}

  package func apply(to options: inout EncoderOptions) { options.recoversSource = sourceRecovery }
}

/// Which of the built-in models describes an image.
package struct TuneOption: EncoderSetting {
  @Option(
    help: "What a lossy image is to be good at: squared error (default), or what people see.")
  package var tune: Tuning?

  package init() {}

  package func apply(to options: inout EncoderOptions) { options.tuning = tune ?? .psnr }
}

extension Tuning: ExpressibleByArgument {}
