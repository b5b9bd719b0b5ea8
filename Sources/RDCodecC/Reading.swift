// The header names them, and the compiler compares.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CRDCodec
internal import RDCodec
internal import Synchronization

// The functions of rdcodec.h that read.

nonisolated(unsafe) private let versionText: UnsafePointer<CChar> = {
  let numbers = [RDCODEC_VERSION_MAJOR, RDCODEC_VERSION_MINOR, RDCODEC_VERSION_PATCH]
  let text = Array(numbers.map(String.init).joined(separator: ".").utf8CString)
  let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: text.count)
  _ = copy.initialize(from: text)
  return UnsafePointer(copy.baseAddress!)
}()

@c @implementation
public func rdcodec_version() -> UnsafePointer<CChar>! { versionText }

@c @implementation
public func rdcodec_format_version() -> UInt32 { UInt32(BuiltIn.formatVersion) }

@c @implementation
public func rdcodec_limits_init(_ limits: UnsafeMutablePointer<rdcodec_limits>!) {
  limits?.pointee = .defaults
}

@c @implementation
public func rdcodec_decode_options_init(
  _ options: UnsafeMutablePointer<rdcodec_decode_options>!
) {
  options?.pointee = .defaults
}

@c @implementation
public func rdcodec_open(
  _ bytes: UnsafeRawPointer!, _ count: Int, _ limits: UnsafePointer<rdcodec_limits>!,
  _ error: UnsafeMutablePointer<rdcodec_error>!
) -> OpaquePointer! {
  var file: OpenFile?
  _ = call(error) { () throws(CallFailure) in
    let limits = try rdcodec_limits(limits).limits
    let bytes = try array(bytes, count)
    file = try codec { () throws(CodecError) in try OpenFile(bytes, limits) }
  }
  return file.map { OpaquePointer(Unmanaged.passRetained($0).toOpaque()) }
}

/// A caller's bytes.
func array(_ bytes: UnsafeRawPointer?, _ count: Int) throws(CallFailure) -> [UInt8] {
  guard count >= 0, bytes != nil || count == 0 else {
    throw CallFailure(RDCODEC_INVALID, "no bytes were given")
  }
  return Array(UnsafeRawBufferPointer(start: bytes, count: count))
}

@c @implementation
public func rdcodec_close(_ file: OpaquePointer!) {
  guard let file else { return }
  Unmanaged<OpenFile>.fromOpaque(UnsafeRawPointer(file)).release()
}

@c @implementation
public func rdcodec_get_info(
  _ file: OpaquePointer!, _ info: UnsafeMutablePointer<rdcodec_info>!,
  _ error: UnsafeMutablePointer<rdcodec_error>!
) -> Int32 {
  call(error) { () throws(CallFailure) in
    guard let info else { throw CallFailure(RDCODEC_INVALID, "no structure was given") }
    try OpenFile.of(file).describe().store(to: info)
  }
}

@c @implementation
public func rdcodec_get_metadata(
  _ file: OpaquePointer!, _ kind: Int32,
  _ bytes: UnsafeMutablePointer<UnsafePointer<UInt8>?>!, _ count: UnsafeMutablePointer<Int>!,
  _ error: UnsafeMutablePointer<rdcodec_error>!
) -> Int32 {
  call(error) { () throws(CallFailure) in
    guard let bytes, let count else { throw CallFailure(RDCODEC_INVALID, "no place was given") }
    let metadata = try OpenFile.of(file).metadata(kind)
    bytes.pointee = metadata.baseAddress
    count.pointee = metadata.count
  }
}

/// The size of the picture that a call decodes, and how its pixels are to be.
private func picture(
  of file: OpenFile, _ options: rdcodec_decode_options
) throws(CallFailure) -> (width: Int, height: Int, format: PixelFormat) {
  let decoding = try options.options(file.limits)
  let image = try codec { () throws(CodecError) in try imageHeader(of: file.source, decoding) }
  return (
    image.width, image.height,
    try PixelFormat(image, channelCount: Int(options.channels), bits: Int(options.bits))
  )
}

@c @implementation
public func rdcodec_decode_layout(
  _ file: OpaquePointer!, _ options: UnsafePointer<rdcodec_decode_options>!,
  _ layout: UnsafeMutablePointer<rdcodec_layout>!, _ error: UnsafeMutablePointer<rdcodec_error>!
) -> Int32 {
  call(error) { () throws(CallFailure) in
    guard let layout else { throw CallFailure(RDCODEC_INVALID, "no structure was given") }
    let file = try OpenFile.of(file)
    let picture = try picture(of: file, rdcodec_decode_options(options))
    layout.pointee = picture.format.layout(width: picture.width, height: picture.height)
  }
}

/// Counts the rows of an image that it hands on.
private final class CountingReceiver: ImageRowReceiver {
  private let next = Atomic(0)
  /// Gets pictures of some rows, and the first one's number.
  private let take: @Sendable (_ rows: Image, _ first: Int) throws(CodecError) -> Void

  init(
    take: @escaping @Sendable (_ rows: Image, _ first: Int) throws(CodecError) -> Void
  ) {
    self.take = take
  }

  func begin(_ image: Image) throws(CodecError) {}

  func receive(_ rows: Image) throws(CodecError) {
    let first = next.add(rows.height, ordering: .relaxed).oldValue
    try take(rows, first)
  }
}

private func decode(
  _ file: OpenFile, _ options: rdcodec_decode_options,
  take: @escaping @Sendable (_ rows: Image, _ first: Int) throws(CodecError) -> Void
) throws(CallFailure) {
  let decoding = try options.options(file.limits)
  try run(threads: options.threads, options.progress, options.context) {
    jobs, progress throws(CodecError) in
    var decoding = decoding
    decoding.jobs = jobs
    try await RDCodec.decode(
      file.source, decoding, into: CountingReceiver(take: take), progress: progress)
  }
}

@c @implementation
public func rdcodec_decode(
  _ file: OpaquePointer!, _ options: UnsafePointer<rdcodec_decode_options>!,
  _ pixels: UnsafeMutableRawPointer!, _ stride: Int, _ error: UnsafeMutablePointer<rdcodec_error>!
) -> Int32 {
  call(error) { () throws(CallFailure) in
    let file = try OpenFile.of(file)
    let options = try rdcodec_decode_options(options)
    let picture = try picture(of: file, options)
    let rowByteCount = picture.format.layout(width: picture.width, height: 1).row_bytes
    guard let pixels else { throw CallFailure(RDCODEC_INVALID, "no place for pixels was given") }
    guard stride >= rowByteCount else {
      throw CallFailure(RDCODEC_INVALID, "rows of \(rowByteCount) bytes do not fit into \(stride)")
    }
    let (format, target) = (picture.format, Shared(value: pixels))
    try decode(file, options) { rows, first in
      format.write(rows, to: target.value + first * stride, stride: stride)
    }
  }
}

@c @implementation
public func rdcodec_decode_rows(
  _ file: OpaquePointer!, _ options: UnsafePointer<rdcodec_decode_options>!,
  _ rows: rdcodec_rows!, _ rows_context: UnsafeMutableRawPointer!,
  _ error: UnsafeMutablePointer<rdcodec_error>!
) -> Int32 {
  call(error) { () throws(CallFailure) in
    let file = try OpenFile.of(file)
    let options = try rdcodec_decode_options(options)
    guard let rows else { throw CallFailure(RDCODEC_INVALID, "no function for rows was given") }
    let picture = try picture(of: file, options)
    let (format, context) = (picture.format, Shared(value: rows_context))
    let stride = format.layout(width: picture.width, height: 1).row_bytes
    try decode(file, options) { strip, first throws(CodecError) in
      let pixels = UnsafeMutableRawPointer.allocate(
        byteCount: stride * strip.height, alignment: 16)
      defer { pixels.deallocate() }
      format.write(strip, to: pixels, stride: stride)
      guard
        rows(context.value, pixels, UInt32(first), UInt32(strip.height), stride) == 0
      else { throw .outputFailed }
    }
  }
}

@c @implementation
public func rdcodec_output_free(_ output: UnsafeMutablePointer<rdcodec_output>!) {
  guard let output else { return }
  release(output.pointee.bytes)
  release(output.pointee.notes)
  output.pointee = rdcodec_output()
}

@c @implementation
public func rdcodec_decode_jpeg(
  _ file: OpaquePointer!, _ options: UnsafePointer<rdcodec_decode_options>!,
  _ output: UnsafeMutablePointer<rdcodec_output>!, _ error: UnsafeMutablePointer<rdcodec_error>!
) -> Int32 {
  call(error) { () throws(CallFailure) in
    try give(to: output) { () throws(CallFailure) in
      let file = try OpenFile.of(file)
      let options = try rdcodec_decode_options(options)
      let decoding = try options.options(file.limits)
      let bytes = try run(threads: options.threads, options.progress, options.context) {
        jobs, progress throws(CodecError) in
        var decoding = decoding
        decoding.jobs = jobs
        return try await decodeJPEG(file.source, decoding, progress: progress)
      }
      return try rdcodec_output([bytes])
    }
  }
}

@c @implementation
public func rdcodec_decode_file(
  _ file: OpaquePointer!, _ options: UnsafePointer<rdcodec_decode_options>!,
  _ format: UnsafePointer<CChar>!, _ output: UnsafeMutablePointer<rdcodec_output>!,
  _ error: UnsafeMutablePointer<rdcodec_error>!
) -> Int32 {
  call(error) { () throws(CallFailure) in
    try give(to: output) { () throws(CallFailure) in
      let file = try OpenFile.of(file)
      let options = try rdcodec_decode_options(options)
      let decoding = try options.options(file.limits)
      let name = format.map { String(cString: $0) } ?? ""
      guard let format = ImageFormat(fileExtension: name) else {
        throw CallFailure(RDCODEC_INVALID, "no format is called \"\(name)\"")
      }
      let header = try codec { () throws(CodecError) in
        try imageHeader(of: file.source, decoding)
      }
      if let misfit = format.misfit(of: header) {
        throw CallFailure(RDCODEC_UNSUPPORTED, misfit.problem)
      }
      let bytes = try run(threads: options.threads, options.progress, options.context) {
        jobs, progress throws(CodecError) in
        var decoding = decoding
        decoding.jobs = jobs
        let image = try await RDCodec.decode(file.source.bytes(), decoding, progress: progress)
        return try writeImage(image, as: format, ImageWriterOptions(jobs: jobs))
      }
      return try rdcodec_output([bytes], notes: format.losses(of: header))
    }
  }
}
