import CommandSupport

/// The manual page rdcodec(1), in the language of man (groff_man(7)).
struct ManualPage {
  let table: CommandTable

  var text: String {
    ([
      ".TH RDCODEC 1 \"\" \"rdcodec \(ProgramVersion.number)\" \"User Commands\"",
      ".SH NAME", "rdcodec \\- a rate\\(endistortion image codec",
      ".SH SYNOPSIS", ".B rdcodec", ".I command", "[\\fIoptions\\fR] \\fIfile\\fR ...",
      ".SH DESCRIPTION",
      """
      Compresses \(ImageFiles.familyNames) images, without loss unless told otherwise, and restores \
      them. A file \\- is standard input or output. What is written appears under its name only when it \
      is complete, and no input is ever changed.
      """,
    ] + table.visibleCommands.flatMap(section) + commonOptions + exitStatus + examples)
    .joined(separator: "\n") + "\n"
  }

  private func section(_ command: CommandTable.Command) -> [String] {
    let arguments = (command.arguments ?? []).filter(\.shouldDisplay)
    let positional = arguments.filter { $0.kind == "positional" }.map {
      "\\fI\(Self.escaped($0.valueName ?? "file"))\\fR" + ($0.isRepeating ? " ..." : "")
    }
    var lines = [
      ".SH \"\(command.commandName.uppercased())\"",
      ".B rdcodec \(command.commandName)",
      (positional + ["[\\fIoptions\\fR]"]).joined(separator: " "),
      ".PP", Self.escaped(command.abstract ?? ""),
    ]
    if let discussion = command.discussion { lines += [".PP", Self.escaped(discussion)] }
    let options = arguments.filter { $0.kind != "positional" && !Self.isCommon($0) }
    let all = Set(options.flatMap(\.spellings))
    for argument in options {
      // A flag and its opposite have one text, which says what the flag does.
      let isOpposite = argument.spellings.allSatisfy {
        $0.hasPrefix("--no-") && all.contains("--" + $0.dropFirst("--no-".count))
      }
      if isOpposite { continue }
      let opposites = argument.spellings.map { "--no-" + $0.drop { $0 == "-" } }
      lines += option(argument, opposites: opposites.filter(all.contains))
    }
    return lines
  }

  private func option(
    _ argument: CommandTable.Argument, opposites: [String]
  ) -> [String] {
    let value = argument.takesValue ? " \\fI\(Self.escaped(argument.valueName ?? "value"))\\fR" : ""
    let spellings = (argument.spellings + opposites).map { "\\fB\(Self.escaped($0))\\fR" }
    let initial = argument.defaultValue.map { " (default: \($0))" } ?? ""
    return [
      ".TP", spellings.joined(separator: ", ") + value,
      Self.escaped((argument.abstract ?? "") + initial),
    ]
  }

  private var commonOptions: [String] {
    [
      ".SH \"OPTIONS OF EVERY COMMAND\"", ".TP", "\\fB\\-h\\fR, \\fB\\-\\-help\\fR",
      "Show the help of the command.", ".TP", "\\fB\\-\\-version\\fR",
      "Show the versions of program and format, and the models that are built in.",
    ]
  }

  private var exitStatus: [String] {
    let codes = [
      ("0", "All went well."),
      (
        "64",
        "The command line is wrong, no quality meets the target, there is no such region, or the "
          + "output's name cannot hold the picture."
      ),
      ("65", "An input is damaged, or not in a format that is read, or larger than the limits."),
      ("66", "An input is missing or cannot be opened."),
      ("70", "bench or the check after encoding found a bug in rdcodec itself."),
      ("73", "An output exists already or cannot be created."),
      ("74", "Reading or writing failed half\\-way."),
    ]
    return [".SH \"EXIT STATUS\""] + codes.flatMap { [".TP", ".B \($0.0)", $0.1] }
  }

  private var examples: [String] {
    let names = [""] + table.visibleCommands.map(\.commandName)
    let all = names.flatMap(HelpExamples.of)
    var seen: Set<String> = []
    return [".SH EXAMPLES"]
      + all.filter { seen.insert($0.command).inserted }.flatMap {
        [".TP", Self.escaped($0.meaning), ".B \(Self.escaped($0.command))"]
      }
  }

  private static func isCommon(_ argument: CommandTable.Argument) -> Bool {
    argument.spellings.contains("--help") || argument.spellings.contains("--version")
  }

  /// Text as it is, whatever groff makes of its signs.
  private static func escaped(_ text: String) -> String {
    let signs = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
      .replacing("'", with: "\\(aq").replacing("\n", with: " ")
    return signs.hasPrefix(".") ? "\\&\(signs)" : signs
  }
}
