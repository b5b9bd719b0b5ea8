internal import CKernels

/// Codes the bands of all planes of a tile: in one stream in turns, or each plane in its own.
///
/// Threads may share it: a plane's bands are coded one after the other, and whoever codes one changes
/// that plane, its stream and its ranks alone.
final class WavefrontBands: @unchecked Sendable {
  private let geometry: TileGeometry
  private let planes: [(number: Int, plane: WavefrontPlane)]
  /// One for all planes, or one for each.
  private let streams: [WavefrontStream]
  private let ranks: UnsafeMutablePointer<UInt16>
  private let kernels: WavefrontKernels
  /// Asked once a band.
  private let isAbandoned: (@Sendable () -> Bool)?

  /// `ranks` are those of all planes, which outlive this.
  init(
    _ planes: [(number: Int, plane: WavefrontPlane)], in streams: [WavefrontStream],
    of geometry: TileGeometry, ranks: UnsafeMutablePointer<UInt16>, kernels: WavefrontKernels,
    isAbandoned: (@Sendable () -> Bool)?
  ) {
    self.geometry = geometry
    self.planes = planes
    self.streams = streams
    self.ranks = ranks
    self.kernels = kernels
    self.isAbandoned = isAbandoned
  }

  private var bandCount: Int {
    (geometry.height + Int(CK_WAVE_LANES) - 1) / Int(CK_WAVE_LANES)
  }

  /// Codes all of them, by `workers` where planes have a stream each; throws
  /// ``CodecError/cancelled`` where that was abandoned.
  func code(by workers: BandWorkers?) throws(CodecError) {
    if streams.count < planes.count {
      try codeInTurns()
    } else {
      try codeInOrder(by: workers)
    }
    for stream in streams { try stream.finish() }
  }

  /// Each plane a band behind the one before: the order of a stream that they share.
  private func codeInTurns() throws(CodecError) {
    for turn in 0..<bandCount + planes.count - 1 {
      for plane in planes.indices where (0..<bandCount).contains(turn - plane) {
        try code(BandSchedule.Job(plane: plane, band: turn - plane))
      }
    }
  }

  private func codeInOrder(by workers: BandWorkers?) throws(CodecError) {
    var schedule = BandSchedule(
      bandCount: bandCount, ring: planes.first?.plane.setting.ring ?? 0,
      helpers: planes.map { plane in
        planes.indices.filter { index in
          plane.plane.setting.helpers.contains { $0 === planes[index].plane }
        }
      })
    guard let workers else {
      while let job = schedule.next() {
        try code(job)
        schedule.end(job, succeeded: true)
      }
      return
    }
    workers(schedule) { [self] job in
      do throws(CodecError) {
        try code(job)
        return true
      } catch {
        streams[job.plane].failure = error
        return false
      }
    }
    for stream in streams {
      if let failure = stream.failure { throw failure }
    }
  }

  private func code(_ job: BandSchedule.Job) throws(CodecError) {
    if isAbandoned?() == true { throw .cancelled }
    let (number, plane) = planes[job.plane]
    if let helper = plane.setting.helpers.first {
      kernels.call.look_below(helper.kernel, Int32(job.band))
    }
    plane.setPrediction(job.band, kernels: kernels)
    let first = number * geometry.pixelCount + Int(CK_WAVE_LANES) * job.band * geometry.width
    try streams[min(job.plane, streams.count - 1)].codeBand(job.band, of: plane, ranks + first)
  }
}
