import Foundation
import Synchronization

/// The unfinished files of this process; a signal that ends it removes them first.
enum TemporaryFiles {
  private struct State {
    var paths: Set<String> = []
    var created = 0
  }

  private static let state = Mutex(State())

  /// Creates and opens a new file in a folder; nil where that fails, with `errno` set.
  static func create(in folder: String) -> (path: String, descriptor: CInt)? {
    state.withLock { state in
      while true {
        state.created += 1
        let path = (folder as NSString).appendingPathComponent(
          ".rdcodec-\(getpid())-\(state.created).tmp")
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        if descriptor >= 0 {
          state.paths.insert(path)
          return (path, descriptor)
        }
        guard errno == EEXIST else { return nil }
      }
    }
  }

  /// Gives a finished file its name; returns 0 or an `errno`.
  ///
  /// Without `replacing`, a file of that name that appeared meanwhile stays, with EEXIST.
  static func publish(_ path: String, as target: String, replacing: Bool) -> CInt {
    state.withLock { state in
      if !replacing {
        if link(path, target) == 0 {
          unlink(path)
          state.paths.remove(path)
          return 0
        }
        if errno == EEXIST { return EEXIST }
        // Some file systems have no hard links: rename instead.
      }
      guard rename(path, target) == 0 else { return errno }
      state.paths.remove(path)
      return 0
    }
  }

  static func remove(_ path: String) {
    state.withLock { state in
      unlink(path)
      state.paths.remove(path)
    }
  }

  /// Takes SIGINT, SIGTERM and SIGHUP from now on. To be called before there is a second thread,
  /// so that every thread inherits the mask and the signals reach the one that waits for them.
  static func removeOnTermination() {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP] where !isIgnored(number) {
      sigaddset(&signals, number)
    }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    Thread.detachNewThread { [signals] in
      var signals = signals
      var number: CInt = 0
      guard sigwait(&signals, &number) == 0 else { return }
      // The lock is kept, so that no other file appears before the process is gone.
      state.withLock { state in
        for path in state.paths { unlink(path) }
        signal(number, SIG_DFL)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        kill(getpid(), number)
        pause()
      }
    }
  }

  /// Whether the caller wants this signal ignored, as nohup does.
  private static func isIgnored(_ number: CInt) -> Bool {
    guard let handler = signal(number, SIG_DFL) else { return false }
    let ignores = unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    if ignores { signal(number, SIG_IGN) }
    return ignores
  }
}
