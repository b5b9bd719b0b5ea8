import RDCodec

/// Which names a shell completes for a command.
protocol FileExtensions: Sendable {
  /// Without the dot.
  static var all: [String] { get }
}

/// Pictures that `compress` and `bench` read, as cameras write their names too.
enum ImageExtensions: FileExtensions {
  static let all = ImageFormat.allCases.map(\.fileExtension).flatMap { [$0, $0.uppercased()] }
}

enum BitstreamExtensions: FileExtensions {
  static let all = ["rdc"]
}
