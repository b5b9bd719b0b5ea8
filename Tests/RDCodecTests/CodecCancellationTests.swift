import Foundation
import Synchronization
import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// Tasks that are cancelled while they encode or decode.
@Suite(.serialized) struct CodecCancellationTests {
  private static let modes: [EncoderOptions.Mode] = [
    .lossless(preview: nil), .lossy(quality: 60), .nearLossless(maximumError: 2),
    .target(.byteCount(9000)),
  ]

  /// Cancels a task in the midst of its work, some time after it has reported progress first: from
  /// a thread of its own, since tasks may have to wait for each other.
  private final class Canceller: Sendable {
    private struct State {
      var task: Task<Void, any Error>?
      var hasBegun = false
      var start: ContinuousClock.Instant?
    }

    private let state = Mutex(State())

    func watch(_ task: Task<Void, any Error>) { state.withLock { $0.task = task } }

    func report(_ fraction: Double) {
      state.withLock { state in
        guard !state.hasBegun, let task = state.task else { return }
        state.hasBegun = true
        Thread.detachNewThread {
          Thread.sleep(forTimeInterval: 0.15)
          self.state.withLock { $0.start = .now }
          task.cancel()
        }
      }
    }

    /// Since the cancellation; nil: there was none.
    var time: Duration? { state.withLock { $0.start }.map { ContinuousClock.now - $0 } }
  }

  private func stops(_ work: @escaping @Sendable (ProgressHandler?) async throws -> Void)
    async throws
  {
    let canceller = Canceller()
    let end = Mutex<Duration?>(nil)
    let task = Task {
      // Until the canceller knows the task, there is nothing to cancel.
      await Task.yield()
      defer { end.withLock { $0 = canceller.time } }
      try await work { canceller.report($0) }
    }
    canceller.watch(task)
    let result = await task.result
    #expect(throws: CodecError.cancelled) { try result.get() }
    let time = try #require(end.withLock { $0 })
    print("cancelled after", time)
    // Far more than it takes, even while other tests run, and far less than going on would.
    #expect(time < .seconds(3))
  }

  @Test(arguments: modes, [1, 2])
  func anEncoderStops(mode: EncoderOptions.Mode, jobs: Int) async throws {
    let image = SyntheticImages.photograph(width: 1600, height: 1200)
    let options = EncoderOptions(mode: mode, effort: 9, jobs: jobs)
    try await stops { progress in _ = try await encode(image, options, progress: progress) }
  }

  @Test func aDecoderStops() async throws {
    let image = SyntheticImages.photograph(width: 1600, height: 800)
    let bytes = try await encode(image, EncoderOptions(effort: 5, verify: false)).bytes
    try await stops { progress in _ = try await decode(bytes, progress: progress) }
  }
}
