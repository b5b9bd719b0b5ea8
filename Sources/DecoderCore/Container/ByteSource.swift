/// Where a bitstream's bytes come from: memory, a file, or whatever gives them piece by piece.
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

  /// `range`, which has to lie within the source.
  func slice(_ range: Range<Int>) throws(CodecError) -> StreamSlice {
    if let array { return StreamSlice(array, in: range) }
    let bytes = try read(range)
    guard bytes.count == range.count else { throw .truncated(at: range.lowerBound + bytes.count) }
    return StreamSlice(bytes, in: 0..<bytes.count, start: range.lowerBound)
  }

  /// The first `count` bytes, or all where there are fewer.
  func prefix(_ count: Int) throws(CodecError) -> [UInt8] {
    if let array { return array }
    return try slice(0..<min(count, self.count)).bytes
  }
}
