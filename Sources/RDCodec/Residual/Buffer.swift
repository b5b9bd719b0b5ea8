#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Memory of a fixed size for kernels and hot loops, freed with its owner.
///
/// Starts as zero bytes, which the system hands out page by page as they are touched.
struct Buffer<Element: BitwiseCopyable>: ~Copyable {
  let base: UnsafeMutablePointer<Element>
  let count: Int

  /// `Element` must be valid when all its bytes are zero.
  init(zeroed count: Int) {
    guard let memory = calloc(max(count, 1), MemoryLayout<Element>.stride) else {
      fatalError("out of memory")
    }
    base = memory.bindMemory(to: Element.self, capacity: max(count, 1))
    self.count = count
  }

  init(repeating value: Element, count: Int) {
    self.init(zeroed: count)
    base.update(repeating: value, count: count)
  }

  deinit { free(base) }

  @inline(__always)
  subscript(index: Int) -> Element {
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
