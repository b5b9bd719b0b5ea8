import ArgumentParser
import RDCodec

/// What becomes of the colour under fully transparent pixels.
enum HiddenColor: String, EnumerableFlag {
  case keepHiddenColor
  case dropHiddenColor

  static func help(for value: HiddenColor) -> ArgumentHelp? {
    switch value {
    case .keepHiddenColor: "Keep the colour under fully transparent pixels (default, unless lossy)."
    case .dropHiddenColor: "Let it change, for a smaller file (default of lossy files)."
    }
  }
}

extension ExactReason {
  /// Ends a sentence about why a file is exact.
  var explanation: String {
    switch self {
    case .smaller: "that takes fewer bytes"
    case .fits: "that fits"
    case .qualityOutOfReach: "no approximation is as good as was asked for"
    case .coarseBound: "such errors would leave little of its range"
    case .palette: "it has a palette"
    case .tooSmall: "it is too small for a score"
    case .unevenRange: "few samples set its range, and errors of that size would lose the others"
    }
  }
}
