/// Which bands of which planes of a tile may be coded next, where planes are coded beside each other.
///
/// A plane's bands follow each other. Of the planes that helped it, a band needs the same band and the
/// one below; and a plane keeps no more than a ring of its bands for those that it helps.
package struct BandSchedule {
  /// A band of a plane.
  package struct Job: Sendable {
    package let plane: Int
    package let band: Int
  }

  private let bandCount: Int
  private let ring: Int
  /// Of each plane, the ones before it from which it is predicted.
  private let helpers: [[Int]]
  private var doneCounts: [Int]
  private var isBusy: [Bool]
  private var isStopped = false

  init(bandCount: Int, ring: Int, helpers: [[Int]]) {
    self.bandCount = bandCount
    self.ring = ring
    self.helpers = helpers
    doneCounts = helpers.map { _ in 0 }
    isBusy = helpers.map { _ in false }
  }

  /// Whether nothing more is to be begun.
  package var isOver: Bool { isStopped || doneCounts.allSatisfy { $0 == bandCount } }

  /// A band that may be coded now, of the last plane that has one, so that rings empty; nil where all
  /// wait for bands that are being coded.
  package mutating func next() -> Job? {
    guard !isStopped else { return nil }
    for plane in doneCounts.indices.reversed() where mayGoOn(plane) {
      isBusy[plane] = true
      return Job(plane: plane, band: doneCounts[plane])
    }
    return nil
  }

  /// To be called once `job` was done; where it failed, no more is begun.
  package mutating func end(_ job: Job, succeeded: Bool) {
    isBusy[job.plane] = false
    doneCounts[job.plane] += 1
    if !succeeded { isStopped = true }
  }

  private func mayGoOn(_ plane: Int) -> Bool {
    let band = doneCounts[plane]
    guard !isBusy[plane], band < bandCount else { return false }
    return helpers[plane].allSatisfy { doneCounts[$0] >= min(band + 2, bandCount) }
      && helpers.indices.allSatisfy {
        !helpers[$0].contains(plane) || doneCounts[$0] > band - ring
      }
  }
}

/// Does the jobs of a schedule on several threads; `body` says whether one succeeded.
package typealias BandWorkers =
  @Sendable (BandSchedule, _ body: @Sendable (BandSchedule.Job) -> Bool) -> Void
