import RDCodec

/// Which names a shell completes for a command.
package protocol FileExtensions: Sendable {
  /// Without the dot.
  static var all: [String] { get }
}

/// Pictures that `compress` and `bench` read, as cameras write their names too.
package enum ImageExtensions: FileExtensions {
  package static let all = ImageFormat.allCases.map(\.fileExtension).flatMap {
    [$0, $0.uppercased()]
  }
}

package enum BitstreamExtensions: FileExtensions {
  package static let all = ["rdc"]
}
