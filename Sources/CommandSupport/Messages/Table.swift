/// Rows of text in aligned columns: the first column to the left, the others to the right.
package struct Table {
  /// The header first.
  package private(set) var rows: [[String]]

  package init(header: [String]) { rows = [header] }

  package mutating func append(_ row: [String]) { rows.append(row) }

  /// The table, one line per row.
  package var text: String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      zip(row, widths).enumerated().map { column, cell in
        let padding = String(repeating: " ", count: cell.1 - cell.0.count)
        return column == 0 ? cell.0 + padding : padding + cell.0
      }.joined(separator: "  ") + "\n"
    }.joined()
  }
}
