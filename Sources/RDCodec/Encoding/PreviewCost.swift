internal import DecoderCore

/// What a preview that nobody asked for takes of an exact file, which is left out where it is not
/// small.
struct PreviewCost {
  /// The fraction of all else that a preview may take, and bytes that it may take in any case: of
  /// a photograph, and of a drawing, whose samples hardly ever follow from x̂ and of which low
  /// efforts have none.
  private static let photographFraction = 0.005
  private static let photographBytes = 24.0
  private static let drawingFraction = 0.001
  private static let drawingBytes = 1.0
  /// The fraction of latents' bits that samples do not give back, where they follow from them: 0.2
  /// of `valid`, whose files grew by 0.1 % for latents of 0.5 %.
  private static let photographLoss = 0.4
  /// Of a tile: its place and checksums in the tile table. Of a file: the name of the model.
  private static let tileBytes = 9
  private static let fileBytes = 8

  /// Pixels of a photograph from which on its preview stays: at most 512 pixels a side, it is
  /// always small, and such images are coded before their size is known.
  static let keptPixelCount = RowSurvey.smallestPixelCount

  let isSmall: Bool

  init(
    _ latents: [CodedStream], _ residual: [CodedStream], _ source: ImageSource?, of image: Image
  ) {
    func bytes(_ streams: [CodedStream]) -> Double {
      streams.reduce(0) { $0 + Double($1.bytes.count + Self.tileBytes) }
    }
    let cost = bytes(latents) + Double(Self.fileBytes)
    let others = bytes(residual)
    let photographs = residual.filter { stream in
      let method = stream.bytes.first.flatMap { ResidualMethod(rawValue: Int($0 >> 4)) }
      return method?.isForPhotographs == true
    }
    guard source != nil || 2 * bytes(photographs) > others else {
      isSmall = cost <= Self.drawingFraction * others + Self.drawingBytes
      return
    }
    // Latents know little of more than eight bits. Grey samples, and planes of sources, which are of
    // lower resolutions, follow little: of `nonphoto` they lost 0.7 to 1.1 of latents' bits.
    let isGivenBack =
      image.depth <= 8 && image.colorType.channelCount >= 3 && source == nil
    isSmall =
      (isGivenBack ? Self.photographLoss : 1) * cost
      <= Self.photographFraction * others + Self.photographBytes
  }
}
