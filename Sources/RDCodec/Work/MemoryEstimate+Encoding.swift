package import DecoderCore

extension MemoryEstimate {
  /// Of reading an image whose file has so many bytes.
  static func reading(_ rows: PackedRows, fileByteCount: Int) -> MemoryEstimate {
    let planes = 2 * rows.width * rows.height * rows.channelCount
    return MemoryEstimate(byteCount: base + planes + rows.byteCount + fileByteCount)
  }

  /// Of encoding an image and of verifying the result, the image itself included.
  package static func encoding(
    _ image: Image, _ options: EncoderOptions, looksAtSamples: Bool = true
  ) -> MemoryEstimate {
    let pixelCount = image.pixelCount
    let sampleCount = pixelCount * image.colorType.channelCount
    let isLossless =
      switch options.mode {
      case .lossless(let preview): preview == nil
      case .lossy, .target, .nearLossless: false
      }
    let isDrawing = looksAtSamples && isLossless && MethodChoice.prefersLargeTiles(image)
    let tiling = Tiling(width: image.width, height: image.height, isDrawing: isDrawing)
    let tilePixels = tiling.pixelCount(ofTilesAtOnce: options.jobs)
    var byteCount = base + 8 * sampleCount + contexts * min(options.jobs, tiling.tileCount)
    if isLossless {
      byteCount += 150 * tilePixels
      if options.recoversSource && image.depth == 8 { byteCount += 30 * pixelCount }
    } else {
      // The search for latents holds what its gradients need: of the image where they go through
      // the whole decoder or D takes all errors, else of tiles.
      let budget = LatentSearch.Budget(
        effort: options.effort, isPreview: false, fitsFilter: true, tuning: options.tuning)
      let isSmall = budget.isLinear
      byteCount += (isSmall ? 8 : 40) * pixelCount
      byteCount += (budget.passCount == 0 ? 150 : isSmall ? 250 : 600) * tilePixels
    }
    return MemoryEstimate(byteCount: byteCount)
  }

  /// Of encoding an image that is read in bands of so many rows, and of verifying the result.
  static func encoding(
    rowsOf image: Image, bandHeight: Int, jobs: Int
  ) -> MemoryEstimate {
    let tiling = Tiling(width: image.width, height: image.height)
    let bandSamples = image.width * bandHeight * image.colorType.channelCount
    let sampleCount = image.pixelCount * image.colorType.channelCount
    // On several threads the next band is read meanwhile.
    var byteCount = base + (jobs > 1 ? 10 : 8) * bandSamples
    byteCount += contexts * min(jobs, tiling.tileCount)
    byteCount += 150 * tiling.pixelCount(ofTilesAtOnce: jobs)
    // The coded streams: at most what the samples take as they are.
    byteCount += sampleCount * ((image.depth + 7) / 8)
    return MemoryEstimate(byteCount: byteCount)
  }
}
