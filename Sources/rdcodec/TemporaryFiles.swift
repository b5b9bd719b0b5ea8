import Foundation
import Synchronization

/// The unfinished files of this process; a signal that ends it removes them first.
enum TemporaryFiles {
  private struct State {
    var paths: Set<String> = []
    var created = 0
  }

  private static let state = Mutex(State())
  /// Where signal handlers write; set by the first thread, before there is another.
  nonisolated(unsafe) private static var signalPipe: CInt = -1

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

  /// Watches for SIGINT, SIGTERM and SIGHUP from now on.
  static func removeOnTermination() {
    var ends: [CInt] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    let reader = ends[0]
    signalPipe = ends[1]
    Thread.detachNewThread {
      var number: UInt8 = 0
      while read(reader, &number, 1) != 1 {}
      removeAllAndDie(of: CInt(number))
    }
    for number in [SIGINT, SIGTERM, SIGHUP] where !isIgnored(number) {
      // A handler may do next to nothing: it only wakes the thread.
      signal(number) { number in
        let before = errno
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(TemporaryFiles.signalPipe, &byte, 1)
        errno = before
      }
    }
  }

  /// Ends the process the way the signal would have.
  private static func removeAllAndDie(of number: CInt) {
    // The lock is kept, so that no other file appears before the process is gone.
    state.withLock { state in
      for path in state.paths { unlink(path) }
      signal(number, SIG_DFL)
      raise(number)
      _exit(128 + number)
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
