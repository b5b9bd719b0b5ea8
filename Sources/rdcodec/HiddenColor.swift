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
