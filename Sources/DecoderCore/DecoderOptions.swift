/// How ``decode(_:_:progress:)`` reads a bitstream.
public struct DecoderOptions: Sendable, Equatable {
  public enum Layer: String, Sendable, CaseIterable {
    /// The lossy image that the latents give.
    case preview
    /// All there is: exact where the file holds a residual.
    case full
  }

  public var layer: Layer
  /// The part of the image to decode, nil for all of it: only tiles that it meets are read, or all
  /// where samples follow from a source.
  public var region: ImageRegion?
  public var jobs: Int
  public var limits: DecoderLimits
  /// A model for files that name it, besides those that are built in.
  public var model: LearnedModel?

  public init(
    layer: Layer = .full, region: ImageRegion? = nil, jobs: Int = 1,
    limits: DecoderLimits = .default, model: LearnedModel? = nil
  ) {
    self.layer = layer
    self.region = region
    self.jobs = jobs
    self.limits = limits
    self.model = model
  }
}
