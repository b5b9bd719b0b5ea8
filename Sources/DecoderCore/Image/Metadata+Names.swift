extension MetadataItem {
  /// The kind in plain words: "ICC profile", "text", "other: PNG hIST".
  public var kindName: String {
    switch content {
    case .iccProfile: "ICC profile"
    case .exif: "Exif"
    case .xmp: "XMP"
    case .cicp: "CICP colour space"
    case .resolution: "resolution"
    case .gamma: "gamma"
    case .chromaticities: "chromaticities"
    case .renderingIntent: "sRGB rendering intent"
    case .background, .backgroundIndex: "background colour"
    case .significantBits: "significant bits"
    case .text: "text"
    case .modificationTime: "modification time"
    case .other(.png, let type, _): "other: PNG " + type
    case .unknown(let kind, _): "kind \(kind) of a later version"
    }
  }
}
