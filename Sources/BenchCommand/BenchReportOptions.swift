import ArgumentParser
import CommandSupport

/// Which reports bench writes, and where.
struct BenchReportOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Write a report as JSON, - for standard output.", valueName: "file"))
  var json: String?

  @Option(help: ArgumentHelp("Write a report as CSV, - for standard output.", valueName: "file"))
  var csv: String?

  @Option(
    help: ArgumentHelp(
      "Draw the curves of a lossy run as SVG, - for standard output.", valueName: "file"))
  var svg: String?

  @Option(
    help: ArgumentHelp(
      "Write a page with curves, tables and pictures, - for standard output.", valueName: "file"))
  var html: String?

  @Option(
    help: ArgumentHelp(
      "Images whose pictures the page of a lossy run shows, spread over all; 0 for none.",
      valueName: "count"))
  var pictures = 4

  @Flag(name: .shortAndLong, help: "Replace existing reports.")
  var force = false

  func validate() throws {
    let sameFile = Dictionary(grouping: choices.filter { $0.path != nil }, by: \.path)
    if let (path, options) = sameFile.first(where: { $1.count > 1 }) {
      let place = path == "-" ? "standard output" : path ?? ""
      let names = options.map(\.option)
      throw ValidationError("\(names[0]) and \(names[1]) cannot both go to \(place)")
    }
    guard pictures >= 0 else { throw ValidationError("--pictures must be 0 or more") }
  }

  private var choices: [(option: String, path: String?)] {
    [("--json", json), ("--csv", csv), ("--svg", svg), ("--html", html)]
  }

  /// Whether a report takes the place of the tables on standard output.
  var useStandardOutput: Bool { choices.contains { $0.path == "-" } }

  /// The files that were asked for, checked and not yet written.
  func open() throws(Failure) -> Outputs {
    let open = { (path: String?) throws(Failure) -> OutputFile? in
      guard let path else { return nil }
      return try OutputFile(path, force: force, isText: true)
    }
    return Outputs(
      json: try open(json), csv: try open(csv), svg: try open(svg), html: try open(html))
  }

  struct Outputs {
    var json: OutputFile?
    var csv: OutputFile?
    var svg: OutputFile?
    var html: OutputFile?

    func write(_ result: BenchResult) throws {
      try json?.write(try JSON.text(BenchReport(result)))
      try csv?.write(Array(BenchCSV(result).text.utf8))
      try svg?.write(Array(try CurvePlot(curves: result.curves.curves).svg(of: result.run).utf8))
      try html?.write(Array(try BenchPage(result).text.utf8))
    }
  }
}
