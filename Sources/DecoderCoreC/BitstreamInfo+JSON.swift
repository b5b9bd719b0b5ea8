internal import DecoderCore

extension BitstreamInfo {
  /// An object of JSON with the keys of `rdcodec info --json`.
  var json: String {
    var object = JSONObject()
    object.add("formatVersion", "\(formatVersion)")
    object.add("width", "\(width)")
    object.add("height", "\(height)")
    object.add("colorType", JSONObject.quoted(colorType))
    object.add("depth", "\(depth)")
    if let colorRange {
      object.add("colorRange", "[\(colorRange.lowerBound),\(colorRange.upperBound)]")
    }
    object.add("isLossless", isLossless ? "true" : "false")
    object.add("maximumError", "\(maximumError)")
    object.add("quality", JSONObject.number(quality))
    object.add("latentReduction", "\(latentReduction)")
    object.add("modelIdentifier", JSONObject.quoted(modelIdentifier))
    object.add("filterByteCount", "\(filterByteCount)")
    object.add("source", JSONObject.quoted(source))
    object.add("keepsJPEG", keepsJPEG ? "true" : "false")
    if let pictureLoss { object.add("pictureLoss", JSONObject.quoted(pictureLoss)) }
    if let fileLoss { object.add("fileLoss", JSONObject.quoted(fileLoss)) }
    object.add("tileWidth", "\(tileWidth)")
    object.add("tileHeight", "\(tileHeight)")
    object.add("metadataTypes", JSONObject.list(metadataTypes.map { JSONObject.quoted($0) }))
    object.add("streams", JSONObject.list(streams.map { $0.json }))
    object.add("byteCount", "\(byteCount)")
    return object.text
  }
}

extension BitstreamInfo.Stream {
  fileprivate var json: String {
    var object = JSONObject()
    object.add("name", JSONObject.quoted(name))
    object.add("tileCount", "\(tileCount)")
    object.add("byteCount", "\(byteCount)")
    return object.text
  }
}

/// Collects keys with values that are JSON already.
private struct JSONObject {
  private var fields: [String] = []

  mutating func add(_ key: String, _ value: String) { fields.append("\"" + key + "\":" + value) }

  var text: String { "{" + JSONObject.joined(fields) + "}" }

  static func list(_ items: [String]) -> String { "[" + joined(items) + "]" }

  /// To five decimals, of 0 ... 100.
  static func number(_ value: Double) -> String {
    let scaled = Int((value * 100_000).rounded())
    let decimals = "\(100_000 + scaled % 100_000)"
    return "\(scaled / 100_000)." + String(decimals.dropFirst())
  }

  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { result += "\\" }
      // No name or message has control characters; JSON allows none.
      result.unicodeScalars.append(scalar.value < 32 ? " " : scalar)
    }
    return result + "\""
  }

  private static func joined(_ items: [String]) -> String {
    var text = ""
    for (index, item) in items.enumerated() { text += (index > 0 ? "," : "") + item }
    return text
  }
}
