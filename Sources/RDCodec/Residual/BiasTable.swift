/// The mean error of an estimate under a context, to be added to it.
struct BiasTable: ~Copyable {
  /// Pairs of mean and count.
  private let entries: Buffer<SIMD2<Float>>
  private static let limit: Float = 127

  init(contexts: Int) { entries = Buffer(zeroed: contexts) }

  @inline(__always)
  func mean(_ context: Int) -> Float { entries[context].x }

  @inline(__always)
  func learn(_ error: Float, _ context: Int) {
    var entry = entries[context]
    entry.y = min(entry.y + 1, Self.limit)
    entry.x += (error - entry.x) / (entry.y + 4)
    entries[context] = entry
  }
}
