extension StringProtocol {
  /// Without white space at both ends.
  package var trimmed: String {
    String(self.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
