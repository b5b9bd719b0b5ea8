import ArgumentParser
import CommandSupport
import RDCodec

struct Decompress: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turn .rdc files back into \(ImageFiles.familyNames) images.",
    usage: """
      rdcodec decompress <input.rdc> [<output>] [options]
      rdcodec decompress <inputs> ... --out-dir <folder> [options]
      """)

  @Option(
    help: ArgumentHelp(
      """
      preview: the approximation alone; full: all there is (default: full; with --size the preview \
      where it is as large).
      """,
      valueName: "preview or full"),
    transform: Self.layer)
  var layer: DecoderOptions.Layer?

  @Option(
    help: ArgumentHelp(
      "Decode this part alone: its left and upper edge, width and height, in pixels.",
      valueName: "x,y,width,height"),
    transform: Self.region)
  var region: ImageRegion?

  @Option(
    help: ArgumentHelp(
      "Make it smaller, so that neither width nor height is above this, as for a thumbnail.",
      valueName: "pixels"))
  var size: Int?

  @Option(
    help: ArgumentHelp(
      "\(ImageFiles.outputExtensions); jpg gives the JPEG file that was kept (default: by the "
        + "output's extension, else jpg of a JPEG file, "
        + "\(ImageFiles.defaultFormat.fileExtension) of all others).",
      valueName: "extension"))
  var format: String?

  @Option(
    help: ArgumentHelp(
      """
      How hard to compress PNG outputs, from 0 (not at all) to 9 (default: what is fast on the \
      picture at hand).
      """,
      valueName: "level"))
  var pngLevel: Int?

  @OptionGroup(title: "Model") var model: ReadingModelOption

  @OptionGroup(title: "Limits") var limits: LimitOptions

  @OptionGroup var files: ConversionOptions<BitstreamExtensions>

  private var isJPEG: Bool {
    format.map { ImageFormat.jpeg.fileExtensions.contains($0.lowercased()) } ?? false
  }

  func validate() throws {
    if let format, ImageFormat(fileExtension: format) == nil, !isJPEG {
      throw ValidationError("--format must be \(ImageFiles.outputExtensions), or jpg")
    }
    if let size, size < 1 { throw ValidationError("--size must be at least 1") }
    if let pngLevel, !(0...9).contains(pngLevel) {
      throw ValidationError("--png-level must be from 0 to 9")
    }
  }

  func run() async throws {
    let (layer, region, size) = (layer, region, size)
    let (model, limits) = (try model.load(), limits.limits)
    // What went in comes out, unless something is asked for that only a picture has.
    let restoresFiles =
      format == nil && layer != .preview && region == nil && size == nil && pngLevel == nil
    let kind = ConversionKind(
      input: .bitstreams,
      outputExtension: format?.lowercased() ?? ImageFiles.defaultFormat.fileExtension,
      ownExtension: {
        restoresFiles && Self.keepsJPEG($0, limits)
          ? ImageFormat.jpeg.fileExtensions[0] : nil
      })
    let jpegFormat = isJPEG
    let format = format.flatMap(ImageFormat.init(fileExtension:))
    let pngLevel = pngLevel
    let settings =
      [
        "format=\(kind.outputExtension)", "layer=\((layer ?? .full).rawValue)",
        "region=\(region.map { "\($0.x),\($0.y),\($0.width),\($0.height)" } ?? "all")",
      ] + (size.map { ["size=\($0)"] } ?? []) + (pngLevel.map { ["png-level=\($0)"] } ?? [])
    let checker = ImageChecker(settings: settings.joined(separator: " "), limits: limits)
    try await files.convert(kind, checker) {
      input, output, conversion, jobs, progress in
      let start = ContinuousClock.now
      let info = try inspect(input, limits: limits)
      let isPipe = conversion.output.isStandardStream
      let isRestored = isPipe && restoresFiles && info.keepsJPEG
      if isRestored || Self.isJPEG(conversion.output, format: jpegFormat) {
        if let format, !jpegFormat {
          throw Failure(
            conversion.output,
            "is the name of a JPEG file, and --format says \(format.fileExtension)",
            advice: "name it .\(format.fileExtension), or leave out --format", exitCode: .usage)
        }
        guard layer != .preview, region == nil, size == nil, pngLevel == nil else {
          throw Failure(
            conversion.output, "a JPEG file comes back as a whole or not at all",
            advice: "leave out --layer, --region, --size and --png-level, or name a .png",
            exitCode: .usage)
        }
        let options = DecoderOptions(jobs: jobs, limits: limits, model: model)
        try output.write(try await decodeJPEG(input, options, progress: progress))
        let name = InputFile.displayName(conversion.input)
        let bytes = "\(input.count) -> \(output.byteCount) bytes"
        let target = isPipe ? "standard output" : conversion.output
        return Converted(
          input: info, summary: "\(name): \(bytes), the JPEG file that was compressed",
          warnings: info.fileLoss.map { ["\(target): \($0)"] } ?? [])
      }
      guard !jpegFormat else {
        throw Failure(
          conversion.output, "is no name for a JPEG file", advice: "name it .jpg",
          exitCode: .usage)
      }
      let format = try ImageFiles.format(ofOutput: conversion.output, wanted: format)
      if pngLevel != nil, format != .png {
        throw Failure(
          "--png-level", "is for PNG outputs", advice: "leave it out for .\(format.fileExtension)",
          exitCode: .usage)
      }
      let writer = format.writer(ImageWriterOptions(pngLevel: pngLevel, jobs: jobs), output.sink)
      let rows = PassedRows(to: writer)
      let options = DecoderOptions(
        layer: layer ?? Self.layer(for: size, info, region), region: region, jobs: jobs,
        limits: limits, model: model)
      do {
        if let size {
          try await decode(
            input, options, into: ScaledRows(within: size, to: rows), progress: progress)
        } else {
          try await decode(input, options, into: rows, progress: progress)
        }
        try writer.finish()
      } catch {
        throw writer.misfit.map { ImageFiles.failure($0, output: conversion.output) } ?? error
      }
      let image = rows.image
      let summary = ConversionSummary(
        conversion: conversion, image: image, inputByteCount: input.count,
        outputByteCount: output.byteCount, bitstreamByteCount: input.count,
        bitstreamPixelCount: info.pixelCount, showsFraction: false,
        duration: ContinuousClock.now - start)
      let name = conversion.output.isStandardStream ? "standard output" : conversion.output
      return Converted(
        input: info, summary: summary.line,
        warnings: (format.losses(of: image) + (info.pictureLoss.map { [$0] } ?? [])).map {
          "\(name): \($0)"
        })
    }
  }

  /// The preview where that has as many pixels as are wanted, or three quarters of them; all there
  /// is where transparency counts, which no preview has.
  private static func layer(
    for size: Int?, _ info: BitstreamInfo, _ region: ImageRegion?
  ) -> DecoderOptions.Layer {
    let hasBoth = info.latentReduction > 0 && (info.isLossless || info.maximumError > 0)
    guard let size, hasBoth, ["grey", "rgb"].contains(info.colorType) else { return .full }
    let longer = max(region?.width ?? info.width, region?.height ?? info.height)
    // Previews are coarse: of one that is as large as the picture, half the size hides that.
    let reduction = max(info.latentReduction, 2)
    return Double(size) * 3 * Double(reduction) <= 4 * Double(longer) ? .preview : .full
  }

  /// Whether a file that can be looked into before its turn comes keeps a JPEG file.
  private static func keepsJPEG(_ path: String, _ limits: DecoderLimits) -> Bool {
    guard !path.isStandardStream, let status = fileStatus(path), FileType(status) == .file,
      let (input, _) = try? InputFile.file(path)
    else { return false }
    return (try? inspect(input, limits: limits))?.keepsJPEG ?? false
  }

  /// Whether the JPEG file that was kept is wanted, and not its picture.
  private static func isJPEG(_ path: String, format: Bool) -> Bool {
    if path.isStandardStream { return format }
    let name = path.fileExtension
    if ImageFormat.jpeg.fileExtensions.contains(name) { return true }
    // A name that says nothing leaves it to the format.
    return format && ImageFormat(fileExtension: name) == nil
  }

  private static func layer(named name: String) throws -> DecoderOptions.Layer {
    guard let layer = DecoderOptions.Layer(rawValue: name) else {
      throw ValidationError("it is preview or full")
    }
    return layer
  }

  /// Four whole numbers with commas between.
  private static func region(_ text: String) throws -> ImageRegion {
    let fields = text.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = fields.compactMap { Int($0) }
    guard fields.count == 4, numbers.count == 4, numbers.allSatisfy({ $0 >= 0 }) else {
      throw ValidationError("four whole numbers with commas between, none below 0, are needed")
    }
    return ImageRegion(x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3])
  }
}
