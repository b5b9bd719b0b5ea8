extension Array {
  /// In ascending order of a key; elements of equal keys stay in their order, which the standard
  /// library's sort does not promise.
  func stablySorted(by key: (Element) -> Int) -> [Element] {
    map(key).enumerated().sorted { ($0.element, $0.offset) < ($1.element, $1.offset) }
      .map { self[$0.offset] }
  }
}
