/// Paths as text: every sequence of bytes has one, UTF-8 or not.
///
/// A byte that is no part of UTF-8 stands as a scalar of a private use area, U+10FE00 plus the
/// byte. Those scalars themselves are written byte by byte in the same way, so that text and bytes
/// belong together one to one. Such text goes to the system by ``systemPath`` and is shown by
/// ``shown``. Swift compares text by what it looks like: what is keyed by a path is keyed by
/// ``pathBytes``.
extension String {
  private static let escapeBase: UInt32 = 0x10FE00

  package init(path bytes: some Collection<UInt8>) {
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.containsEscape || !text.utf8.elementsEqual(bytes) else {
      self = text
      return
    }
    var scalars = String.UnicodeScalarView()
    var iterator = bytes.makeIterator()
    var parser = Unicode.UTF8.ForwardParser()
    var rest = bytes[...]
    func escape(_ count: Int) {
      let escaped = rest.prefix(count).lazy.map { Unicode.Scalar(Self.escapeBase + UInt32($0)) }
      scalars.append(contentsOf: escaped.compactMap(\.self))
    }
    while true {
      let count: Int
      switch parser.parseScalar(from: &iterator) {
      case .emptyInput:
        self = String(scalars)
        return
      case .error(let length):
        count = length
        escape(count)
      case .valid(let encoded):
        count = encoded.count
        let scalar = Unicode.UTF8.decode(encoded)
        if Self.escapedByte(scalar) == nil { scalars.append(scalar) } else { escape(count) }
      }
      rest = rest.dropFirst(count)
    }
  }

  /// The path's bytes as the system knows them.
  package var pathBytes: [UInt8] {
    guard containsEscape else { return Array(utf8) }
    return unicodeScalars.flatMap { scalar in
      Self.escapedByte(scalar).map { [$0] } ?? Array(Unicode.UTF8.encode(scalar) ?? .init())
    }
  }

  /// The path's bytes and a zero, for system calls.
  package var systemPath: [CChar] { pathBytes.map { CChar(bitPattern: $0) } + [0] }

  /// The text for people: bytes that are no UTF-8 as `\xE9`.
  package var shown: String {
    guard containsEscape else { return self }
    return unicodeScalars.map { scalar in
      Self.escapedByte(scalar).map { "\\x" + String($0, radix: 16, uppercase: true) }
        ?? String(scalar)
    }.joined()
  }

  private var containsEscape: Bool {
    // The first byte of such scalars: few texts have it.
    utf8.contains(0xF4) && unicodeScalars.contains { Self.escapedByte($0) != nil }
  }

  private static func escapedByte(_ scalar: Unicode.Scalar) -> UInt8? {
    0x10FE80...0x10FEFF ~= scalar.value ? UInt8(scalar.value - escapeBase) : nil
  }
}

/// Parts of paths.
///
/// Separators are looked for among bytes: a mark that follows one would hide it from `Character`.
extension String {
  /// What stands behind the last slash.
  package var lastComponent: String {
    utf8.lastIndex(of: UInt8(ascii: "/")).map { String(self[utf8.index(after: $0)...]) } ?? self
  }

  /// What stands before the last slash: "/" for names in the root, "." where there is none.
  package var parentFolder: String {
    guard let slash = utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == startIndex ? "/" : String(self[..<slash])
  }

  /// The extension of a file's name in small letters, without the dot; empty where there is none.
  package var fileExtension: String {
    String(self[extensionStart...].utf8.dropFirst())?.lowercased() ?? ""
  }

  /// A file's path without dot and extension.
  package var withoutExtension: String { String(self[..<extensionStart]) }

  /// A name in this folder; the empty folder is the current one.
  package func appending(name: String) -> String {
    if isEmpty { return name }
    return utf8.last == UInt8(ascii: "/") ? self + name : "\(self)/\(name)"
  }

  /// Whether the name is one that `ls` does not show.
  package var isHiddenName: Bool { utf8.first == UInt8(ascii: ".") }

  private var extensionStart: String.Index {
    let slash = utf8.lastIndex(of: UInt8(ascii: "/"))
    let start = slash.map { utf8.index(after: $0) } ?? startIndex
    guard let dot = utf8.lastIndex(of: UInt8(ascii: ".")), dot > start,
      utf8.index(after: dot) != endIndex
    else { return endIndex }
    return dot
  }
}

extension CommandLine {
  /// The arguments behind the program's name, with bytes that are no UTF-8 kept.
  package static var pathArguments: [String] {
    (1..<max(1, Int(argc))).compactMap { index in
      unsafeArgv[index].map { argument in
        String(path: UnsafeRawBufferPointer(start: argument, count: strlen(argument)))
      }
    }
  }
}
