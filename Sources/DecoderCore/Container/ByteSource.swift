/// Where the bytes of a file come from: memory, a disk, or whatever gives them piece by piece.
public struct ByteSource: Sendable {
  /// How many bytes there are.
  public let count: Int
  /// All of them, where they lie in memory.
  let array: [UInt8]?
  private let read: @Sendable (Range<Int>) throws(CodecError) -> [UInt8]

  /// Bytes in memory.
  public init(_ bytes: [UInt8]) {
    count = bytes.count
    array = bytes
    read = { range throws(CodecError) in Array(bytes[range]) }
  }

  /// `count` bytes that `read` gives in part, from any task: exactly those of the range.
  public init(
    count: Int, read: @escaping @Sendable (Range<Int>) throws(CodecError) -> [UInt8]
  ) {
    self.count = count
    array = nil
    self.read = read
  }

  /// The bytes of `range`, which has to lie within the source.
  public func bytes(in range: Range<Int>) throws(CodecError) -> [UInt8] {
    if let array { return range == array.indices ? array : Array(array[range]) }
    let bytes = try read(range)
    guard bytes.count == range.count else { throw .truncated(at: range.lowerBound + bytes.count) }
    return bytes
  }

  /// All of them.
  public func bytes() throws(CodecError) -> [UInt8] { try bytes(in: 0..<count) }

  /// The first `count` bytes, or all where there are fewer.
  public func prefix(_ count: Int) throws(CodecError) -> [UInt8] {
    try bytes(in: 0..<min(count, self.count))
  }

  /// Bytes that are in memory as long as this is.
  package var heldByteCount: Int { array?.count ?? 0 }

  /// `range`, which has to lie within the source; bytes in memory are not copied.
  func slice(_ range: Range<Int>) throws(CodecError) -> StreamSlice {
    if let array { return StreamSlice(array, in: range) }
    let bytes = try bytes(in: range)
    return StreamSlice(bytes, in: 0..<bytes.count, start: range.lowerBound)
  }
}
