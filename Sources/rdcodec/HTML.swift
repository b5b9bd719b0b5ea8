import Foundation

/// Pieces of HTML.
enum HTML {
  static func escaped(_ text: String) -> String {
    Failure.singleLine(text).replacingOccurrences(of: "&", with: "&amp;")
      .replacingOccurrences(of: "<", with: "&lt;").replacingOccurrences(of: ">", with: "&gt;")
      .replacingOccurrences(of: "\"", with: "&quot;")
  }

  static func table(_ table: Table) -> String {
    let rows = table.rows.enumerated().map { index, row in
      let tag = index == 0 ? "th" : "td"
      return "<tr>" + row.map { "<\(tag)>\(escaped($0))</\(tag)>" }.joined() + "</tr>\n"
    }
    return "<table>\n\(rows.joined())</table>\n"
  }

  static func page(title: String, _ body: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(escaped(title))</title>
    <style>
    body { font: 15px/1.5 sans-serif; color: #222; max-width: 1100px; margin: 2em auto; padding: 0 1em }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 1em 0; display: block; overflow-x: auto }
    th, td { padding: .2em .7em; border-bottom: 1px solid #ddd; text-align: right; white-space: nowrap }
    th:first-child, td:first-child { text-align: left }
    svg { max-width: 100%; height: auto }
    </style>
    <h1>\(escaped(title))</h1>
    \(body)
    </html>

    """
  }
}
