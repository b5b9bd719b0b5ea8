extension ImageFormat {
  /// Why a file of some format cannot show a picture.
  public struct Misfit: Error, Equatable, Sendable {
    /// "PPM cannot hold transparent pixels".
    public var problem: String
    /// Formats that can.
    public var alternatives: [ImageFormat]
  }

  /// Why this format cannot show the picture as it is; nil where it can.
  public func misfit(of image: Image) -> Misfit? {
    do {
      _ = try image.fitting(self)
      return nil
    } catch {
      return error
    }
  }

  /// What files of this format leave out or change of an image that fits: each in words that follow the
  /// file's name and a colon. Empty where all of it can be restored.
  public func losses(of image: Image) -> [String] {
    guard self != .png else { return pngLosses(of: image) }
    var parts = MetadataChunk.descriptions(of: image.metadata)
    if image.colorType == .palette { parts.append("the palette (its colours are kept)") }
    if image.transparentColor != nil {
      parts.append("the transparent colour" + (self == .pam ? " (as alpha)" : " (no pixel has it)"))
    }
    let hasAlpha = image.colorType.hasAlpha || image.paletteAlphaCount > 0
    if hasAlpha, self != .pam { parts.append("alpha (opaque everywhere)") }
    guard !parts.isEmpty else { return [] }
    let list = parts.joined(separator: ", ")
    return ["left out, as \(rawValue.uppercased()) cannot hold it: \(list); .png keeps it"]
  }

  private func pngLosses(of image: Image) -> [String] {
    guard let peak = image.statedPeak else { return [] }
    let largest = (1 << PNGScaling(image).depth) - 1
    let better: ImageFormat =
      switch image.colorType {
      case .grey: .pgm
      case .rgb: .ppm
      case .greyAlpha, .rgba, .palette: .pam
      }
    return [
      "samples up to \(peak) are scaled to \(largest), as PNG cannot state their maximum; "
        + ".\(better.rawValue) keeps them"
    ]
  }
}

extension MetadataChunk {
  /// The chunks in words, each kind once: "colour profile (iCCP)".
  static func descriptions(of chunks: [MetadataChunk]) -> [String] {
    var seen: Set<String> = []
    return chunks.map(\.type).filter { seen.insert($0).inserted }.map { type in
      names[type].map { "\($0) (\(type))" } ?? type
    }
  }

  private static let names: [String: String] = [
    "iCCP": "colour profile", "sRGB": "colour space", "gAMA": "gamma", "cHRM": "primaries",
    "cICP": "colour space", "mDCV": "mastering display", "cLLI": "light levels", "eXIf": "Exif",
    "tEXt": "text", "zTXt": "text", "iTXt": "text", "pHYs": "resolution", "tIME": "time",
    "bKGD": "background colour", "sBIT": "significant bits", "PLTE": "suggested palette",
    "sPLT": "suggested palette", "hIST": "histogram", "oFFs": "offset", "sCAL": "scale",
    "pCAL": "calibration", "sTER": "stereo layout",
  ]
}
