import CommandSupport

/// Finds what is wrong with a command line that ArgumentParser refused.
///
/// ArgumentParser checks a command's values before it looks for options that nobody took, and so
/// blames the number of files for a mistyped option: this looks for the option first.
struct CommandLineDiagnosis {
  let table: CommandTable
  /// Without the program's name.
  let arguments: [String]

  /// The first argument that is no option names the command.
  private var commandName: String? { arguments.first { !$0.hasPrefix("-") } }

  private var command: CommandTable.Command {
    commandName.flatMap(table.subcommand) ?? table.command
  }

  /// The page of the help that explains this command line.
  var helpPage: String {
    let name = commandName.flatMap(table.subcommand)?.commandName
    return name.flatMap { $0 == "help" ? nil : $0 }.map { "rdcodec help \($0)" } ?? "rdcodec help"
  }

  /// The same with `--option -1` written as `--option=-1`, wherever the option takes a value.
  ///
  /// ArgumentParser takes every argument that begins with a minus for an option.
  var joiningNegativeValues: [String] {
    var joined: [String] = []
    for argument in arguments {
      if let last = joined.last, let option = command.option(last), option.takesValue,
        last.hasPrefix("--"), Self.isNegativeNumber(argument)
      {
        joined[joined.count - 1] = "\(last)=\(argument)"
      } else {
        joined.append(argument)
      }
    }
    return joined
  }

  /// What to say where -q, which is --quiet here, is given a number as cwebp, cjxl and avifenc take
  /// it; nil otherwise.
  ///
  /// Looked for before anything is parsed: the number would be taken for the name of a file.
  static func qualityByShortName(_ arguments: [String]) -> (problem: String, advice: String)? {
    guard let command = arguments.first(where: { !$0.hasPrefix("-") }) else { return nil }
    for (index, argument) in arguments.enumerated() {
      if argument == "--" { return nil }
      guard argument.hasPrefix("-q") else { continue }
      let attached = argument.dropFirst(2).drop { $0 == "=" }
      let next = arguments.dropFirst(index + 1).first
      let number = attached.isEmpty ? next ?? "" : String(attached)
      guard Double(number) != nil, attached.isEmpty == false || !isFile(number) else { continue }
      let hasQuality = ["compress", "bench"].contains(command)
      return (
        "-q is short for --quiet and takes no number",
        hasQuality ? "for the quality write --quality \(number)" : "leave out \(number)"
      )
    }
    return nil
  }

  private static func isFile(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path)
  }

  /// A sentence about the first thing that is not known, and what was probably meant; nil where all
  /// options are known.
  var unknown: (problem: String, advice: String)? {
    guard let commandName else { return unknownOption(arguments) }
    guard table.subcommand(commandName) != nil else {
      // "-d file": what stands first is meant first.
      let before = arguments.prefix { $0 != commandName }
      return unknownOption(Array(before)) ?? unknownCommand(commandName)
    }
    var rest = arguments
    if let index = rest.firstIndex(of: commandName) { rest.remove(at: index) }
    return unknownOption(rest)
  }

  /// Whether ArgumentParser may show help: for it "-photo.png" holds an h as well.
  static func asksForHelp(_ arguments: [String]) -> Bool {
    arguments.contains { argument in
      let isCluster = argument.hasPrefix("-") && !argument.hasPrefix("--")
      return argument == "help" || argument == "--help" || isCluster && argument.contains("h")
    }
  }

  /// The same where ArgumentParser shows help whatever else is wrong: about a command that there is
  /// not, or because of an h in "-photo.png".
  var unknownInHelp: (problem: String, advice: String)? {
    let words = arguments.prefix { $0 != "--" }.filter { !$0.hasPrefix("-") }
    if words.first == "help" {
      return words.dropFirst().first { table.subcommand($0) == nil }.flatMap(unknownCommand)
    }
    guard arguments.contains("-h") || arguments.contains("--help") else { return unknown }
    return words.first.flatMap { table.subcommand($0) == nil ? unknownCommand($0) : nil }
  }

  private func unknownCommand(_ name: String) -> (problem: String, advice: String)? {
    let names = table.visibleCommands.map(\.commandName)
    let problem = "unknown command '\(name)'"
    if let near = ForeignOption.commands[name] ?? nearest(to: name, of: names).first {
      return (problem, "did you mean 'rdcodec \(near)'?")
    }
    let isBitstream = name.lowercased().hasSuffix(".rdc")
    if FileManager.default.fileExists(atPath: name) {
      return (
        "no command given for \(name)",
        "say 'rdcodec \(isBitstream ? "decompress" : "compress") …', or another of "
          + names.joined(separator: ", ")
      )
    }
    return (problem, "the commands are \(names.joined(separator: ", "))")
  }

  private func unknownOption(_ arguments: [String]) -> (problem: String, advice: String)? {
    var isValueOfOption = false
    for argument in arguments {
      if argument == "--" { return nil }
      let isOption = argument.hasPrefix("-") && argument != "-"
      if isValueOfOption, !isOption {
        isValueOfOption = false
        continue
      }
      isValueOfOption = false
      guard isOption else { continue }
      let name = String(argument.prefix { $0 != "=" })
      if let option = command.option(name) {
        isValueOfOption = option.takesValue && !argument.contains("=")
      } else if !isBuiltIn(name), !isCluster(name) {
        return (problem(name), advice(name))
      }
    }
    return nil
  }

  private func problem(_ name: String) -> String {
    "unknown option \(name)"
  }

  private func advice(_ name: String) -> String {
    let bare = String(name.drop { $0 == "-" })
    if FileManager.default.fileExists(atPath: name) {
      return "a file of this name is given as ./\(name)"
    }
    if command.option("--\(bare)") != nil { return "did you mean --\(bare)?" }
    if let hint = hint(bare) { return hint }
    let near = bare.count > 2 ? nearest(to: "--\(bare)", of: command.longNames) : []
    if !near.isEmpty { return "did you mean \(near.joined(separator: " or "))?" }
    let owners = table.visibleCommands.filter { $0.option(name) != nil }.map(\.commandName)
    if !owners.isEmpty { return "it belongs to \(owners.joined(separator: " and "))" }
    return "see '\(helpPage)'"
  }

  /// What is said of options that other programs have.
  private func hint(_ bare: String) -> String? {
    if commandName.flatMap(table.subcommand) == nil {
      return ForeignOption.commands[bare].map { "did you mean 'rdcodec \($0)'?" }
    }
    switch ForeignOption.hint(bare) {
    case .fact(let fact): return fact
    case .option(let option, let example) where command.option(option) != nil:
      return "use \(example)"
    default: return nil
    }
  }

  private func isBuiltIn(_ name: String) -> Bool {
    [
      "-h", "--help", "--help-hidden", "--version", "--generate-completion-script",
      "--experimental-dump-help",
    ].contains(name)
  }

  /// Whether this is several flags of one letter each, as in -fv.
  private func isCluster(_ name: String) -> Bool {
    guard !name.hasPrefix("--"), let first = name.dropFirst().first else { return false }
    // "-e7": a letter that takes a value may be followed by it.
    if let option = command.option("-\(first)"), option.takesValue { return true }
    return name.dropFirst().allSatisfy { isBuiltIn("-\($0)") || command.option("-\($0)") != nil }
  }

  private static func isNegativeNumber(_ text: String) -> Bool {
    guard text.hasPrefix("-"), let first = text.dropFirst().first else { return false }
    return first.isNumber || first == "."
  }
}
