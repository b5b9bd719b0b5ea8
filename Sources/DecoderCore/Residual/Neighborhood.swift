internal import CKernels

/// What predicts one plane's samples: runs of samples of this plane and of others.
struct Neighborhood {
  /// A plane and the places in it, relative to the sample being coded.
  struct Source {
    let plane: PaddedPlane
    let runs: [RegressorRun]
  }

  let sources: [Source]
  /// The number of regressors.
  let order: Int
  let runCount: Int

  init(_ sources: [Source]) {
    self.sources = sources
    order = sources.reduce(0) { $0 + $1.runs.reduce(0) { $0 + $1.count } }
    runCount = sources.reduce(0) { $0 + $1.runs.count }
    precondition(order <= 8 * ResidualKernels.maximumVectors)
  }

  /// Points `runs` at row `y`.
  func place(_ runs: UnsafeMutablePointer<KernelRun>, row y: Int) {
    var index = 0
    var offset: UInt32 = 0
    for source in sources {
      let row = source.plane.row(y)
      for run in source.runs {
        runs[index] = KernelRun(
          source: row + (run.row * source.plane.stride + run.columns.lowerBound),
          left: row - 1, above: row - source.plane.stride, offset: offset)
        index += 1
        offset += UInt32(run.count)
      }
    }
  }
}
