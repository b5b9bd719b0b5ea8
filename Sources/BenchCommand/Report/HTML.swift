import CommandSupport

/// Pieces of HTML and XML.
enum HTML {
  /// Text on one line, with nothing in it that markup would take for its own.
  static func escaped(_ text: String) -> String {
    Failure.singleLine(text).replacing("&", with: "&amp;")
      .replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }

  /// A table in a box that scrolls, by keys as well; its name is for readers of screens.
  static func table(_ table: Table, name: String) -> String {
    let rows = table.rows.enumerated().map { index, row in
      let cells = row.enumerated().map { column, cell in
        if index == 0 { return "<th scope=\"col\">\(escaped(cell))</th>" }
        return column == 0
          ? "<th scope=\"row\">\(escaped(cell))</th>" : "<td>\(escaped(cell))</td>"
      }
      return "<tr>" + cells.joined() + "</tr>\n"
    }
    return """
      <div class="scroll" tabindex="0" role="region" aria-label="\(escaped(name))">
      <table>
      <thead>\(rows[0])</thead>
      <tbody>\(rows.dropFirst().joined())</tbody>
      </table>
      </div>

      """
  }

  /// JSON for a script of the page: no text in it can end the element that holds it.
  static func json(_ value: some Encodable, id: String) throws -> String {
    let text = String(decoding: try JSON.text(value), as: UTF8.self)
    return "<script type=\"application/json\" id=\"\(id)\">"
      + text.replacing("<", with: "\\u003c") + "</script>\n"
  }
}
