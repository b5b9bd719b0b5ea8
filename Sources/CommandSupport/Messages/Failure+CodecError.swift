import ArgumentParser
package import RDCodec

extension Failure {
  /// The codec refused the contents of this file.
  package init(_ subject: String, _ error: CodecError) {
    let exitCode: ExitCode =
      switch error {
      case .verificationFailed: .internalError
      case .wrongArithmetic: .machineError
      case .wrongContents: .wrongContents
      case .unreachable, .invalidRegion, .invalidOption, .noJPEG: .usage
      default: .dataError
      }
    self.init(
      subject, error.description, advice: Self.advice(error), exitCode: exitCode)
  }

  /// What helps.
  private static func advice(_ error: CodecError) -> String {
    switch error {
    case .truncated, .corrupt, .checksumMismatch, .damagedImage: "get a fresh copy of the file"
    case .wrongContents, .wrongArithmetic:
      "try another machine or build of rdcodec, and please report this"
    case .limitExceeded(let quantity, let needed, _): advice(quantity, needed)
    case .outOfMemory: "close other programs, or use fewer --jobs"
    case .unsupported(let what):
      what.contains("JPEG")
        ? "convert it to \(ImageFiles.defaultFormat.name) to compress its pixels"
        : "write the file in another way"
    case .otherVersion: "use the version of rdcodec that wrote it"
    case .unknownModel: "give it by --model, or use the version of rdcodec that wrote the file"
    case .notBitstream(let kind): bitstreamAdvice(kind)
    case .notImage(let kind): imageAdvice(kind)
    case .invalidImage: "write the file again by another program"
    case .noJPEG: "name a picture of another format"
    case .noPreview: "decode all of it, or compress it again without a target, or with --preview"
    case .invalidRegion: "name a part of it"
    case .unreachable: "choose another target"
    case .cancelled: "start it again"
    case .invalidOption: "choose another value"
    case .outputFailed: "free some space"
    case .verificationFailed: "please report this with the image"
    }
  }

  private static func advice(_ quantity: DecoderLimits.Quantity, _ needed: Int) -> String {
    switch quantity {
    case .width, .height, .pixelCount:
      // As many as the format holds, and byte counts that fit a number.
      needed <= 1 << 48 ? "raise it with --max-pixels \(needed)" : "split the image"
    case .metadataByteCount: "raise it with --max-metadata \(needed)"
    case .memoryByteCount: "raise it with --max-memory \(needed), or use fewer --jobs"
    }
  }

  private static func bitstreamAdvice(_ kind: FileKind?) -> String {
    switch kind {
    case .png, .netpbm: "name an rdc file; 'rdcodec compress' makes one of a picture"
    case .empty: "get a fresh copy of the file"
    case .zip, .gzip, .zstandard, .xz: "unpack it first"
    default: "name an rdc file"
    }
  }

  private static func imageAdvice(_ kind: FileKind?) -> String {
    switch kind {
    case .rdc: "use 'rdcodec decompress' to get the picture"
    case .empty: "get a fresh copy of the file"
    case .zip, .gzip, .zstandard, .xz: "unpack it first"
    case nil: "name a \(ImageFiles.familyNames) file"
    default: "convert it to \(ImageFiles.familyNames)"
    }
  }
}
