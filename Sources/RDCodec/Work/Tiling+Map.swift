internal import DecoderCore

/// Runs `body` on every tile or other item, up to `jobs` at once; results come in their order.
///
/// The first error, by that order, is thrown after the tiles under way have ended.
func mapTiles<Item: Sendable, Result: Sendable>(
  _ tiles: [Item], jobs: Int,
  _ body: @escaping @Sendable (Item) throws(CodecError) -> Result
) async throws(CodecError) -> [Result] {
  var results: [Result] = []
  results.reserveCapacity(tiles.count)
  try await forEachTile(tiles, jobs: jobs, body) { _, result in results.append(result) }
  return results
}

/// Runs `body` on every tile or other item, up to `jobs` at once, and meanwhile `consume` on the
/// results, in the items' order; only few results wait for their turn.
///
/// The first error, by that order, is thrown after the tiles under way have ended.
func forEachTile<Item: Sendable, Result: Sendable>(
  _ tiles: [Item], jobs: Int,
  _ body: @escaping @Sendable (Item) throws(CodecError) -> Result,
  consume: (Item, Result) throws(CodecError) -> Void
) async throws(CodecError) {
  guard jobs > 1 else {
    for tile in tiles { try consume(tile, try body(tile)) }
    return
  }
  typealias Outcome = Swift.Result<Result, CodecError>
  let run: @Sendable (Item) -> Outcome = { tile in
    Outcome { () throws(CodecError) in try body(tile) }
  }
  var waiting: [Int: Outcome] = [:]
  var (started, running, consumed) = (0, 0, 0)
  var hasFailed = false
  var failure: CodecError?
  await withTaskGroup(of: (Int, Outcome).self) { group in
    func start() {
      while !hasFailed, running < jobs, started < tiles.count, started < consumed + 4 * jobs {
        let position = started
        group.addTask { (position, run(tiles[position])) }
        (started, running) = (started + 1, running + 1)
      }
    }
    start()
    while let (position, outcome) = await group.next() {
      running -= 1
      waiting[position] = outcome
      if case .failure = outcome { hasFailed = true }
      start()
      while failure == nil, let outcome = waiting.removeValue(forKey: consumed) {
        do throws(CodecError) {
          try consume(tiles[consumed], try outcome.get())
        } catch {
          (hasFailed, failure) = (true, error)
        }
        consumed += 1
        start()
      }
    }
  }
  if let failure { throw failure }
}
