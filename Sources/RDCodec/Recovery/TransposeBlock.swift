/// Swaps the rows and columns of an 8 × 8 block.
@inline(__always)
func transposeBlock<Value>(_ rows: UnsafeMutablePointer<SIMD8<Value>>) {
  let values = UnsafeMutableRawPointer(rows).assumingMemoryBound(to: Value.self)
  for y in 0..<8 {
    for x in 0..<y {
      let kept = values[8 &* y &+ x]
      values[8 &* y &+ x] = values[8 &* x &+ y]
      values[8 &* x &+ y] = kept
    }
  }
}
