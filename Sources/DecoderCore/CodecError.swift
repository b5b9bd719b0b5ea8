/// Why an image could not be read, encoded, or a bitstream could not be decoded.
public enum CodecError: Error, Equatable, Sendable {
  /// The input ends inside the value that starts at this byte.
  case truncated(at: Int)
  /// This field holds a value that the format does not allow.
  case corrupt(field: String, at: Int)
  /// The checksum of this stream does not match its bytes.
  case checksumMismatch(stream: String)
  /// The file's bytes are intact, and this is not what was encoded: the decoder or the machine is at
  /// fault.
  case wrongContents(Contents)
  /// The machine does not compute as the codec needs it: this kernel's answer to a known question is
  /// wrong.
  case wrongArithmetic(String)
  /// Decoding would need more of this than ``DecoderLimits`` allows.
  case limitExceeded(DecoderLimits.Quantity, needed: Int, allowed: Int)
  /// The system had no memory left for this.
  case outOfMemory(String)
  /// The input is valid, but this version does not handle it.
  case unsupported(String)
  /// The bitstream is of another version of the format than the one that is read.
  case otherVersion(Int)
  /// The file names a model that this program does not have.
  case unknownModel(String)
  /// A bitstream was expected, and the input is this, or nothing that is known.
  case notBitstream(FileKind?)
  /// An image was expected, and the input is this, or nothing that is known.
  case notImage(FileKind?)
  /// The input is an image, and this is damaged in it.
  case damagedImage(String)
  /// The parts of the image do not fit together.
  case invalidImage(String)
  /// The JPEG file was asked for, and none was kept.
  case noJPEG
  /// The lossy image was asked for, and the file has no latents.
  case noPreview
  /// The region does not lie inside the image.
  case invalidRegion(String)
  /// An option has a value that it cannot have.
  case invalidOption(String)
  /// No quality gives the image this size, PSNR or score.
  case unreachable(String)
  /// The task that did the work was cancelled.
  case cancelled
  /// What takes the rows or bytes that are made has no room for them, or is gone.
  case outputFailed
  /// What was encoded does not decode to the image: a fault of this program.
  case verificationFailed

  /// What of a file is decoded wrongly.
  public enum Contents: Equatable, Sendable {
    /// The latents of this tile, counted from 0.
    case latents(tile: Int)
    /// The samples of this tile.
    case samples(tile: Int)
    /// A stream of what samples follow from (``BitstreamInfo/source``), counted from 0.
    case source(stream: Int)
    /// The JPEG file that was kept.
    case file

    var name: String {
      switch self {
      case .latents(let tile): "the latents of tile \(tile)"
      case .samples(let tile): "the samples of tile \(tile)"
      case .source(let stream): "the samples' source, stream \(stream),"
      case .file: "the parts of the JPEG file"
      }
    }
  }

  /// What is said of a stream whose bytes have their checksum, and that makes no sense all the same.
  func ofIntactStream(_ contents: Contents) -> CodecError {
    switch self {
    case .truncated, .corrupt: .wrongContents(contents)
    default: self
    }
  }
}

extension CodecError: CustomStringConvertible {
  /// One line, without the file's name, for a message to the user.
  public var description: String {
    switch self {
    case .truncated(let at): "the file ends early (inside the value at byte \(at))"
    case .corrupt(let field, let at): "damaged file: invalid \(field) at byte \(at)"
    case .checksumMismatch(let stream): "damaged file: wrong checksum of \(stream)"
    case .wrongContents(let contents):
      "\(contents.name) cannot be decoded to what was encoded, although the file is intact"
    case .wrongArithmetic(let kernel):
      "this machine or build computes wrongly: \(kernel) fails its test"
    case .limitExceeded(let quantity, let needed, let allowed):
      quantity.excess(needed: needed, allowed: allowed)
    case .outOfMemory(let what): "not enough memory for \(what)"
    case .unsupported(let what): "not supported: \(what)"
    case .otherVersion(let version):
      "format version \(version), and this rdcodec reads version \(Header.version): "
        + (version > Header.version
          ? "a later one wrote it" : "an earlier one wrote it, and can restore it")
    case .unknownModel(let name): "the file needs model \(name), which is not at hand"
    case .notBitstream(let kind): "this is \(kind?.description ?? "another kind of file"), not rdc"
    case .notImage(let kind): "this is \(kind?.description ?? "no picture that is known")"
    case .damagedImage(let what): "damaged picture: \(what)"
    case .invalidImage(let reason): "not a valid image: \(reason)"
    case .noPreview: "the file has no preview"
    case .noJPEG: "the file was not made of a JPEG file"
    case .invalidRegion(let what): "there is no region \(what)"
    case .invalidOption(let what): "not possible: \(what)"
    case .unreachable(let what): "cannot reach \(what)"
    case .cancelled: "cancelled"
    case .outputFailed: "the output cannot be written"
    case .verificationFailed: "the encoded file does not decode to the image"
    }
  }
}
