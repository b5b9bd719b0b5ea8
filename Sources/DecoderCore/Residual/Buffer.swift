internal import CKernels

/// Memory of a fixed size for kernels and hot loops, freed with its owner.
///
/// Starts as zero bytes, which the system hands out page by page as they are touched.
package struct Buffer<Element: BitwiseCopyable>: ~Copyable {
  /// On a cache line's boundary, for speed alone.
  package let base: UnsafeMutablePointer<Element>
  package let count: Int
  private let allocation: UnsafeMutableRawPointer
  private static var cacheLine: Int { 64 }

  /// `Element` must be valid when all its bytes are zero.
  package init(zeroed count: Int) {
    let byteCount = max(count, 1) * MemoryLayout<Element>.stride
    guard let memory = ck_zeroed(byteCount + Self.cacheLine) else { fatalError("out of memory") }
    allocation = memory
    base = memory.alignedUp(toMultipleOf: Self.cacheLine)
      .bindMemory(to: Element.self, capacity: max(count, 1))
    self.count = count
  }

  package init(repeating value: Element, count: Int) {
    self.init(zeroed: count)
    base.update(repeating: value, count: count)
  }

  deinit { ck_free(allocation) }

  @inline(__always)
  package subscript(index: Int) -> Element {
    get {
      assert(index >= 0 && index < count)
      return base[index]
    }
    nonmutating set {
      assert(index >= 0 && index < count)
      base[index] = newValue
    }
  }
}
