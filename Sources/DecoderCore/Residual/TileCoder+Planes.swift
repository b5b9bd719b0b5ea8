extension TileCoder {
  /// Sets up a coder for each of `settings`.
  func makePlanes(_ settings: [PlaneCoder.Setting]) -> PlaneCoders {
    var coders = PlaneCoders(capacity: settings.count)
    for setting in settings { coders.append(PlaneCoder(setting)) }
    return coders
  }

  /// What each of `planes` is coded from, in the order of coding.
  func settings(
    _ planes: [Int], _ profile: ResidualProfile, _ prediction: TilePrediction?,
    _ kernels: ResidualKernels, isInterleaved: Bool
  ) -> [PlaneCoder.Setting] {
    let grids = planes.map { plane in
      PaddedPlane(
        width: geometry.width, height: geometry.height,
        filledWith: Float(maps[plane].count - 1) * 0.5)
    }
    var settings: [PlaneCoder.Setting] = []
    let errors = planes.map { _ in
      PaddedPlane(width: geometry.width, height: geometry.height, filledWith: 0)
    }
    for (index, plane) in planes.enumerated() {
      let planePrediction = planePrediction(prediction, plane)
      var sources = ownSource(grids[index], index, isAided: isInterleaved || prediction != nil)
      for other in planes.indices where other != index {
        if isInterleaved {
          let runs = other > index ? Regressors.later : Regressors.earlier
          sources.append(.init(plane: grids[other], runs: runs))
        } else if other < index {
          let isColor = planes[other] < geometry.colorCount
          sources.append(.init(plane: grids[other], runs: Regressors.known(isColor ? 12 : 2)))
        }
      }
      if let planePrediction {
        let runs = Regressors.known(index == 1 ? 4 : 2)
        sources.append(.init(plane: planePrediction.means, runs: runs))
      }
      let neighborhood = Neighborhood(sources)
      let colorsBefore = planes[..<index].count { $0 < geometry.colorCount }
      let start = isInterleaved || planePrediction == nil || profile.contextCount == 0 ? nil : start
      let setting = PlaneCoder.Setting(
        kernels: kernels, profile: profile, samples: grids[index], high: maps[plane].count - 1,
        unit: max(Float(1 << max(0, geometry.depth - 8)) / Float(maps[plane].step), 1),
        neighborhood: neighborhood,
        guide: planes[..<index].firstIndex { $0 < geometry.colorCount }.map { grids[$0] },
        errors: errors[index], helpers: Array(errors[..<index]), isInterleaved: isInterleaved,
        prediction: planePrediction,
        start: start.map { UnsafePointer($0.plane(colorsBefore, profile)) },
        startGradients: start?.gradients(colorsBefore, profile, order: neighborhood.order)
          .map { UnsafePointer($0) })
      settings.append(setting)
    }
    return settings
  }

  /// The plane's own samples: fewer where others help. The numbers of regressors add up to
  /// multiples of eight for three colours, with a prediction and without.
  private func ownSource(
    _ grid: PaddedPlane, _ index: Int, isAided: Bool
  ) -> [Neighborhood.Source] {
    let count = index == 0 ? (isAided ? 14 : 16) : index == 1 ? 8 : 6
    return [.init(plane: grid, runs: Regressors.own(count))]
  }

  private func planePrediction(_ prediction: TilePrediction?, _ plane: Int) -> PlanePrediction? {
    guard let prediction, plane < geometry.colorCount else { return nil }
    return PlanePrediction(
      prediction.means[plane], scales: prediction.scales[plane], width: geometry.width,
      height: geometry.height, map: maps[plane])
  }
}
