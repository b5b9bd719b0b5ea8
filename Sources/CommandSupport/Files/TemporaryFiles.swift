import Synchronization

/// The unfinished files of this process; a signal that ends it removes them first.
package enum TemporaryFiles {
  private struct State {
    var paths: Set<String> = []
    var created = 0
    /// Folders in which what killed runs left was looked for.
    var cleaned: Set<[UInt8]> = []
  }

  private static let prefix = ".rdcodec-"
  private static let suffix = ".tmp"
  private static let state = Mutex(State())
  /// Where signal handlers write; set by the first thread, before there is another.
  nonisolated(unsafe) private static var signalPipe: CInt = -1
  nonisolated(unsafe) private static var signalReader: CInt = -1

  /// Creates and opens a new file in a folder; nil where that fails, with `errno` set.
  ///
  /// Its mode is at most `mode`, from the beginning on, and at most what the user's mask allows.
  package static func create(in folder: String, mode: mode_t? = nil) -> (
    path: String, descriptor: CInt
  )? {
    state.withLock { state in
      if state.cleaned.insert(folder.pathBytes).inserted { removeLeftovers(in: folder) }
      while true {
        state.created += 1
        let path = folder.appending(name: "\(prefix)\(getpid())-\(state.created)\(suffix)")
        let descriptor = open(
          path.systemPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666 & (mode ?? 0o666))
        if descriptor >= 0 {
          // Held until the file is closed: tells other runs that it is alive.
          _ = flock(descriptor, LOCK_EX | LOCK_NB)
          state.paths.insert(path)
          return (path, descriptor)
        }
        guard errno == EEXIST else { return nil }
      }
    }
  }

  /// Removes the unfinished files of runs that were killed.
  ///
  /// Those of a process that lives here stay, and those that a process on another machine holds
  /// locked.
  private static func removeLeftovers(in folder: String) {
    for name in (try? Folder.names(in: folder)) ?? [] {
      guard name.hasPrefix(prefix), name.hasSuffix(suffix),
        let process = pid_t(name.dropFirst(prefix.count).prefix { $0 != "-" }),
        process > 0, kill(process, 0) != 0, errno == ESRCH
      else { continue }
      let path = folder.appending(name: name)
      let descriptor = open(path.systemPath, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path.systemPath) }
      close(descriptor)
    }
  }

  /// Gives a finished file its name; returns 0 or an `errno`.
  ///
  /// Without `replacing`, a file of that name that appeared meanwhile stays, with EEXIST.
  package static func publish(_ path: String, as target: String, replacing: Bool) -> CInt {
    state.withLock { state in
      if !replacing {
        if link(path.systemPath, target.systemPath) == 0 {
          unlink(path.systemPath)
          state.paths.remove(path)
          return 0
        }
        if errno == EEXIST { return EEXIST }
        // Some file systems have no hard links: rename instead.
      }
      guard rename(path.systemPath, target.systemPath) == 0 else { return errno }
      state.paths.remove(path)
      return 0
    }
  }

  package static func remove(_ path: String) {
    state.withLock { state in
      unlink(path.systemPath)
      state.paths.remove(path)
    }
  }

  /// Watches for SIGINT, SIGTERM and SIGHUP from now on.
  package static func removeOnTermination() {
    var ends: [CInt] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    let reader = ends[0]
    signalPipe = ends[1]
    signalReader = reader
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { _ in
        var number: UInt8 = 0
        while read(TemporaryFiles.signalReader, &number, 1) != 1 {}
        TemporaryFiles.removeAllAndDie(of: CInt(number))
        return nil
      }, nil)
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
      for path in state.paths { unlink(path.systemPath) }
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
