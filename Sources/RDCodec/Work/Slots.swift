import Synchronization

/// Values of tiles that tasks take out, change and put back, so that none is held twice.
final class Slots<Value: Sendable>: Sendable {
  private let values: Mutex<[Value?]>

  init(_ values: [Value]) { self.values = Mutex(values) }

  /// The value at `index`, which is there until it is taken.
  func take(_ index: Int) -> Value {
    values.withLock { values in
      guard let value = values[index].take() else {
        preconditionFailure("the value of tile \(index) was taken before")
      }
      return value
    }
  }

  /// Gives back what was taken.
  func put(_ value: Value, at index: Int) {
    values.withLock { $0[index] = value }
  }
}
