import CommandSupport

/// The commands and their options as ArgumentParser knows them.
///
/// Decoded from what `--experimental-dump-help` prints, so that there is no second list to keep.
struct CommandTable: Decodable {
  struct Command: Decodable {
    var commandName: String
    var abstract: String?
    var discussion: String?
    var shouldDisplay: Bool?
    var subcommands: [Command]?
    var arguments: [Argument]?

    /// The option that is written like this, with its dashes.
    func option(_ name: String) -> Argument? {
      arguments?.first { $0.spellings.contains(name) }
    }

    /// All options' long names, with their dashes.
    var longNames: [String] {
      (arguments ?? []).flatMap(\.spellings).filter { $0.hasPrefix("--") }
    }
  }

  struct Argument: Decodable {
    struct Name: Decodable {
      var kind: String
      var name: String

      var spelling: String { (kind == "long" ? "--" : "-") + name }
    }

    /// "positional", "option" or "flag".
    var kind: String
    var shouldDisplay: Bool
    var sectionTitle: String?
    var isOptional: Bool
    var isRepeating: Bool
    var names: [Name]?
    var valueName: String?
    var defaultValue: String?
    var abstract: String?
    var discussion: String?

    var takesValue: Bool { kind == "option" }
    var spellings: [String] { (names ?? []).map(\.spelling) }
  }

  var command: Command

  /// Nil only if ArgumentParser changes what it prints.
  init?() {
    let text = RDCodecCommand._dumpHelp()
    guard let table = try? JSONDecoder().decode(CommandTable.self, from: Data(text.utf8)) else {
      return nil
    }
    self = table
  }

  /// The subcommand of this name.
  func subcommand(_ name: String) -> Command? {
    command.subcommands?.first { $0.commandName == name }
  }

  /// The subcommands that a user may give, in the order of the help.
  var visibleCommands: [Command] {
    (command.subcommands ?? []).filter { $0.shouldDisplay ?? true && $0.commandName != "help" }
  }
}
