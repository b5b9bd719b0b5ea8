/// How many letters must be put in, left out, changed or swapped with their neighbour to make one
/// text of the other.
///
/// Source: Damerau's distance with restricted edits ("optimal string alignment").
func editDistance(_ a: String, _ b: String) -> Int {
  let (a, b) = (Array(a.unicodeScalars), Array(b.unicodeScalars))
  var beforeLast = [Int](repeating: 0, count: b.count + 1)
  var last = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var least = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        least = min(least, beforeLast[j - 1] + 1)
      }
      row.append(least)
    }
    beforeLast = last
    last = row
  }
  return last[b.count]
}

/// The candidates that a mistyped or unfinished word most likely stands for, the nearest first.
func nearest(to word: String, of candidates: [String]) -> [String] {
  // The beginning of few words stands for them, however much is missing.
  let longer = candidates.filter { $0.hasPrefix(word) }
  if 1...4 ~= longer.count { return longer }
  let allowed = max(1, word.count / 3)
  let ranked = candidates.map { (name: $0, distance: editDistance(word, $0)) }
  let near = ranked.filter { $0.distance <= allowed }.min { $0.distance < $1.distance }
  return near.map { [$0.name] } ?? []
}
