internal import CMemory
internal import DecoderCore

extension Image {
  /// Makes room for all samples, on large pages where there are such: planes of megapixels are
  /// filled once, and every small page would cost the system more than its samples the reader.
  mutating func reservePlanes() {
    let count = pixelCount
    for index in planes.indices {
      planes[index].reserveCapacity(count)
      planes[index].withUnsafeMutableBufferPointer { samples in
        // An array without elements may have no address; its storage begins there all the same.
        guard let memory = samples.baseAddress else { return }
        cmemory_prefer_large_pages(memory, MemoryLayout<UInt16>.stride * count)
      }
    }
  }
}
