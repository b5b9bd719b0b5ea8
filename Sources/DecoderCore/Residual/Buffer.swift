internal import CKernels

/// Memory of a fixed size for kernels and hot loops, freed with its owner.
///
/// Starts as zero bytes, which the system hands out page by page as they are touched.
@frozen
@usableFromInline
package struct Buffer<Element: BitwiseCopyable>: ~Copyable {
  /// On a cache line's boundary, for speed alone.
  @usableFromInline package let base: UnsafeMutablePointer<Element>
  @usableFromInline package let count: Int
  @usableFromInline let allocation: UnsafeMutableRawPointer
  @usableFromInline static var cacheLine: Int { 64 }

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

  /// Fills all elements from a part of `source` that is as long.
  package func copy(_ source: [Element], in range: Range<Int>) {
    precondition(range.count == count)
    source[range].withUnsafeBufferPointer { part in
      if let first = part.baseAddress { base.update(from: first, count: count) }
    }
  }

  @inlinable @inline(__always)
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
