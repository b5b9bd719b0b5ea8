internal import DecoderCore
import Synchronization

/// Writes a PBM, PGM, PPM or PAM file, raw, while its image is being decoded.
final class NetpbmStream: ImageFileWriter {
  fileprivate struct State {
    var bytes: [UInt8] = []
    var hasBegun = false
    /// Why rows that have come do not fit.
    var misfit: ImageFormat.Misfit?
  }

  private let format: NetpbmFormat
  private let state = Mutex(State())

  init(_ format: NetpbmFormat) { self.format = format }

  func receive(_ rows: Range<Int>, of image: Image) {
    state.withLock { state in
      // Whether this image has alpha in a PAM, only all rows tell.
      if format.kind == .pam, image.transparentColor != nil {
        guard rows.upperBound == image.height else { return }
        state.append(0..<image.height, of: image, as: format)
      } else {
        state.append(rows, of: image, as: format)
      }
    }
  }

  func finish() throws(CodecError) -> [UInt8] {
    try state.withLock { state throws(CodecError) in
      if let misfit = state.misfit {
        let names = misfit.alternatives.map { ".\($0.fileExtension)" }.joined(separator: " or ")
        throw .unsupported("\(misfit.problem); \(names) can")
      }
      guard state.hasBegun else { throw .invalidImage("it has no rows") }
      return state.bytes
    }
  }
}

extension NetpbmStream.State {
  fileprivate mutating func append(_ rows: Range<Int>, of image: Image, as format: NetpbmFormat) {
    guard misfit == nil else { return }
    var part: Image
    do { part = try image.rows(rows).fitting(format) } catch {
      misfit = error
      return
    }
    let isBitmap = part.colorType == .grey && part.depth == 1 && format.kind.hasBitmaps
    if !hasBegun {
      bytes +=
        part.netpbmHeader(
          height: image.height, isBitmap: isBitmap, isPAM: format.kind == .pam
        ).utf8
      hasBegun = true
    }
    // In a bitmap 1 is black.
    if isBitmap { part.planes[0] = part.planes[0].map { 1 - $0 } }
    bytes += PackedRows(
      width: part.width, height: part.height, channelCount: part.colorType.channelCount,
      bitCount: isBitmap ? 1 : part.depth <= 8 ? 8 : 16
    ).pack(part.planes)
  }
}

extension NetpbmFormat.Kind {
  fileprivate var hasBitmaps: Bool { self == .pbm || self == .pnm }
}

extension Image {
  /// The same image with these rows alone.
  fileprivate func rows(_ rows: Range<Int>) -> Image {
    guard rows != 0..<height else { return self }
    var part = self
    part.height = rows.count
    part.planes = planes.map { Array($0[rows.lowerBound * width..<rows.upperBound * width]) }
    return part
  }

  fileprivate func netpbmHeader(height: Int, isBitmap: Bool, isPAM: Bool) -> String {
    if isPAM { return pamHeader(height: height) }
    if isBitmap { return "P4\n\(width) \(height)\n" }
    return "\(colorType == .grey ? "P5" : "P6")\n\(width) \(height)\n\(peak)\n"
  }

  private func pamHeader(height: Int) -> String {
    let tupleType =
      switch colorType {
      case .grey: depth == 1 ? "BLACKANDWHITE" : "GRAYSCALE"
      case .greyAlpha: depth == 1 ? "BLACKANDWHITE_ALPHA" : "GRAYSCALE_ALPHA"
      case .rgb, .palette: "RGB"
      case .rgba: "RGB_ALPHA"
      }
    return """
      P7
      WIDTH \(width)
      HEIGHT \(height)
      DEPTH \(colorType.channelCount)
      MAXVAL \(peak)
      TUPLTYPE \(tupleType)
      ENDHDR

      """
  }
}
