/// What segments of a JPEG file say that an image has as metadata too.
///
/// Sources: CIPA DC-008 (Exif), Adobe's XMP part 3, ICC.1 annex B.4.
package struct JPEGMetadata {
  package var exif: [UInt8]?
  package var xmp: [UInt8]?
  package var profile: [UInt8]?

  private static let exifName = Array("Exif\0\0".utf8)
  private static let xmpName = Array("http://ns.adobe.com/xap/1.0/\0".utf8)
  private static let profileName = Array("ICC_PROFILE\0".utf8)

  package init(_ items: [MetadataItem]) {
    for item in items {
      switch item.content {
      case .exif(let bytes): exif = exif ?? bytes
      case .xmp(let bytes, _): xmp = xmp ?? bytes
      case .iccProfile(_, let bytes): profile = profile ?? bytes
      default: break
      }
    }
  }

  /// What the segments of a file say, and where each has its contents.
  ///
  /// `hasProfile`: whether the file's profile is one of the image's colours.
  package init(
    _ parts: [JPEGLayout.Part], hasProfile: Bool = true, _ segments: inout [KeptJPEG.Segment]
  ) {
    segments = []
    var profileParts: [(number: Int, total: Int, bytes: ArraySlice<UInt8>)] = []
    for case .segment(let marker, let payload) in parts {
      if marker == 0xE1, payload.starts(with: Self.exifName), exif == nil {
        exif = Array(payload.dropFirst(Self.exifName.count))
        segments.append(.exif)
      } else if marker == 0xE1, payload.starts(with: Self.xmpName), xmp == nil {
        xmp = Array(payload.dropFirst(Self.xmpName.count))
        segments.append(.xmp)
      } else if hasProfile, marker == 0xE2, payload.starts(with: Self.profileName),
        payload.count >= Self.profileName.count + 2
      {
        let start = Self.profileName.count
        let part = payload.dropFirst(start + 2)
        profileParts.append((Int(payload[start]), Int(payload[start + 1]), part))
        segments.append(.profile(byteCount: part.count))
      } else {
        segments.append(.own)
      }
    }
    // In the order of their numbers; a profile of which parts are missing or doubled is none.
    profileParts.sort { $0.number < $1.number }
    let isWhole = profileParts.enumerated().allSatisfy {
      $1.number == $0 + 1 && $1.total == profileParts.count
    }
    if isWhole, !profileParts.isEmpty { profile = profileParts.flatMap { $0.bytes } }
    // Whatever is not as `filling` makes it stays where it is.
    let emptied = parts.emptied(segments)
    if (try? filling(emptied, segments)) != parts { segments = segments.map { _ in .own } }
  }

  /// What a JPEG file leaves out of such items: its own segments are Exif, XMP and a profile; nil where it
  /// has all.
  package static func loss(of items: [MetadataItem]) -> String? {
    let left = items.filter { item in
      switch item.content {
      case .exif, .xmp, .iccProfile: false
      default: true
      }
    }
    guard !left.isEmpty else { return nil }
    let names = left.map { $0.kindName }.distinct
    return "left out, as the JPEG file does not hold it: metadata of "
      + names.joined(separator: ", ")
  }

  /// For the image.
  package var items: [MetadataItem] {
    var items: [MetadataItem] = []
    if let profile {
      items.append(MetadataItem(.iccProfile(name: [], profile: profile), position: .beforePalette))
    }
    if let exif { items.append(MetadataItem(.exif(exif))) }
    if let xmp { items.append(MetadataItem(.xmp(xmp, isCompressed: false))) }
    return items
  }

  /// A file's parts with what stands elsewhere in place of nothing.
  func filling(
    _ parts: [JPEGLayout.Part], _ segments: [KeptJPEG.Segment]
  ) throws(CodecError) -> [JPEGLayout.Part] {
    var total = 0
    for case .profile in segments { total += 1 }
    var (result, place, number, index) = (parts, 0, 0, 0)
    for (part, content) in parts.enumerated() {
      guard case .segment(let marker, _) = content else { continue }
      defer { index += 1 }
      var payload: [UInt8]?
      switch segments[index] {
      case .own: continue
      case .exif: payload = exif.map { Self.exifName + $0 }
      case .xmp: payload = xmp.map { Self.xmpName + $0 }
      case .profile(let count):
        number += 1
        if let profile, count <= profile.count - place, total <= 255 {
          payload =
            Self.profileName + [UInt8(number), UInt8(total)] + profile[place..<place + count]
          place += count
        }
      }
      guard let payload else { throw .corrupt(field: "metadata of a JPEG file", at: 0) }
      result[part] = .segment(marker, payload)
    }
    return result
  }
}

extension [JPEGLayout.Part] {
  /// The same without the contents that stand elsewhere.
  package func emptied(_ segments: [KeptJPEG.Segment]) -> [JPEGLayout.Part] {
    var (result, index) = (self, 0)
    for (part, content) in enumerated() {
      guard case .segment(let marker, _) = content else { continue }
      if segments[index] != .own { result[part] = .segment(marker, []) }
      index += 1
    }
    return result
  }
}
