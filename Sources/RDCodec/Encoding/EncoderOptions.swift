internal import DecoderCore

/// How ``encode(_:_:progress:)`` writes an image.
public struct EncoderOptions: Sendable, Equatable {
  /// What is kept of the image.
  public enum Mode: Sendable, Equatable {
    /// Every sample; `preview` is the quality of a latent layer of the image's full size (nil:
    /// the encoder's choice, a small one that costs little).
    case lossless(preview: Double?)
    /// The latent layer alone, at a quality from 1 (smallest) to 100 (best); every sample where
    /// that takes fewer bytes.
    case lossy(quality: Double)
    /// The latent layer alone, at the quality that a size, PSNR or score asks for; every sample where
    /// that fits, or where no quality does.
    case target(LossyTarget)
    /// Every colour sample within this distance, 1 ... 16 steps of the image's own depth, and alpha
    /// exactly. A palette image is kept exactly, and so is one that the bound would leave little
    /// of.
    case nearLossless(maximumError: Int)
  }

  public var mode: Mode
  /// 1 (fastest) ... 9 (smallest).
  public var effort: Int
  /// How many tiles are worked on at once; never changes the bytes.
  public var jobs: Int
  /// Leaves out colour profile, Exif, text and the like.
  public var stripMetadata: Bool
  /// Keeps the colour of pixels whose alpha is zero; without that it may become another. Nil: lossy
  /// files do not, all others do.
  public var keepsHiddenColor: Bool?
  /// Writes the exact file in place of an approximation that takes more bytes, and wherever else
  /// ``ExactReason`` says.
  public var allowsExact: Bool
  /// Decodes the result and compares before returning it.
  public var verify: Bool
  /// Looks for what the pixels of an RGB image were made from, such as subsampled YCbCr, and codes
  /// that where it is smaller.
  public var recoversSource: Bool
  /// Whether a lossless file may hold latents; without them it has no preview. One that was not asked
  /// for by its quality is left out where it would take more than about half a percent.
  public var hasPreview: Bool
  /// Whether a small preview stays whatever it takes.
  public var keepsPreview = false
  /// Most memory, in bytes, that encoding may take by ``MemoryEstimate``.
  public var memoryByteCount = Int.max
  /// Which of the built-in models describes the image.
  public var tuning: Tuning
  /// The model of the latents; nil: the one that is built in for ``tuning``.
  public var model: LearnedModel?

  public init(
    mode: Mode = .lossless(preview: nil), effort: Int = 5, jobs: Int = 1,
    stripMetadata: Bool = false, verify: Bool = true, recoversSource: Bool = true,
    hasPreview: Bool = true, tuning: Tuning = .psnr, model: LearnedModel? = nil,
    allowsExact: Bool = true
  ) {
    self.mode = mode
    self.effort = effort
    self.jobs = jobs
    self.stripMetadata = stripMetadata
    self.verify = verify
    self.recoversSource = recoversSource
    self.hasPreview = hasPreview
    self.tuning = tuning
    self.model = model
    self.allowsExact = allowsExact
  }

  public static let lossless = EncoderOptions()
  public static func lossy(quality: Double) -> EncoderOptions {
    EncoderOptions(mode: .lossy(quality: quality))
  }
}

/// Called with the fraction of the work done, 0 ... 1, from any task.
public typealias ProgressHandler = @Sendable (Double) -> Void
