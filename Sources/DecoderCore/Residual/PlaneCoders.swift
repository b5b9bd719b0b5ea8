/// The plane coders of one tile, in the order of coding.
struct PlaneCoders: ~Copyable {
  let base: UnsafeMutablePointer<PlaneCoder>
  private var count = 0

  init(capacity: Int) { base = .allocate(capacity: capacity) }

  /// Takes at most as many as the capacity says.
  mutating func append(_ coder: consuming PlaneCoder) {
    (base + count).initialize(to: coder)
    count += 1
  }

  deinit {
    base.deinitialize(count: count)
    base.deallocate()
  }
}
