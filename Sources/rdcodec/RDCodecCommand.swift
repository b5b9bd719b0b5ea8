import ArgumentParser
import RDCodec

@main
struct RDCodecCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rdcodec", abstract: "A rate–distortion image codec.")
}
