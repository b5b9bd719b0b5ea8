/// The second bytes of markers; the first is 0xFF (ITU-T T.81, table B.1).
package enum JPEGMarker {
  package static let prefix: UInt8 = 0xFF
  /// Of the baseline process; others follow.
  package static let frame: UInt8 = 0xC0
  package static let huffman: UInt8 = 0xC4
  package static let arithmetic: UInt8 = 0xCC
  package static let restart: UInt8 = 0xD0
  package static let start: UInt8 = 0xD8
  package static let end: UInt8 = 0xD9
  package static let scan: UInt8 = 0xDA
  package static let quantisation: UInt8 = 0xDB
  package static let lineCount: UInt8 = 0xDC
  package static let restartInterval: UInt8 = 0xDD
  package static let hierarchy: UInt8 = 0xDE
  package static let expansion: UInt8 = 0xDF

  /// Whether this is one of the eight restart markers.
  @inlinable @inline(__always)
  package static func isRestart(_ byte: UInt8) -> Bool { byte & 0xF8 == 0xD0 }
}
