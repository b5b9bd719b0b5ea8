// The header names them, and the compiler compares.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

internal import CMemory
public import CRDCodec
internal import RDCodec

// The functions of rdcodec.h that write.

@c @implementation
public func rdcodec_image_init(_ image: UnsafeMutablePointer<rdcodec_image>!) {
  var empty = rdcodec_image()
  empty.size = MemoryLayout<rdcodec_image>.size
  image?.pointee = empty
}

@c @implementation
public func rdcodec_encode_options_init(
  _ options: UnsafeMutablePointer<rdcodec_encode_options>!
) {
  options?.pointee = .defaults
}

@c @implementation
public func rdcodec_encode(
  _ image: UnsafePointer<rdcodec_image>!, _ options: UnsafePointer<rdcodec_encode_options>!,
  _ output: UnsafeMutablePointer<rdcodec_output>!, _ error: UnsafeMutablePointer<rdcodec_error>!
) -> Int32 {
  call(error) { () throws(CallFailure) in
    try give(to: output) { () throws(CallFailure) in
      guard let image else { throw CallFailure(RDCODEC_INVALID, "no image was given") }
      let options = try rdcodec_encode_options(options)
      let encoding = try options.options()
      let picture = try Image(rdcodec_image(image), encoding)
      let encoded = try run(threads: options.threads, options.progress, options.context) {
        jobs, progress throws(CodecError) in
        var encoding = encoding
        encoding.jobs = jobs
        return try await RDCodec.encode(picture, encoding, progress: progress)
      }
      return try rdcodec_output([encoded.bytes], notes: notes(encoded.exactReason))
    }
  }
}

@c @implementation
public func rdcodec_encode_file(
  _ bytes: UnsafeRawPointer!, _ count: Int, _ limits: UnsafePointer<rdcodec_limits>!,
  _ options: UnsafePointer<rdcodec_encode_options>!,
  _ output: UnsafeMutablePointer<rdcodec_output>!, _ error: UnsafeMutablePointer<rdcodec_error>!
) -> Int32 {
  call(error) { () throws(CallFailure) in
    try give(to: output) { () throws(CallFailure) in
      let options = try rdcodec_encode_options(options)
      let encoding = try options.options()
      let limits = try rdcodec_limits(limits).limits
      let file = ByteSource(try array(bytes, count))
      let encoded = try run(threads: options.threads, options.progress, options.context) {
        jobs, progress throws(CodecError) in
        var encoding = encoding
        encoding.jobs = jobs
        let reader = try ImageFormat.reader(of: file, limits: limits)
        return try await RDCodec.encode(reader, encoding, progress: progress)
      }
      return try rdcodec_output(
        encoded.pieces, notes: encoded.warnings + notes(encoded.exactReason))
    }
  }
}

private func notes(_ reason: ExactReason?) -> [String] {
  reason.map { ["kept exactly: \($0.explanation)"] } ?? []
}

extension Image {
  /// A caller's pixels and metadata.
  init(_ given: rdcodec_image, _ options: EncoderOptions) throws(CallFailure) {
    let types: [UInt32: ColorType] = [1: .grey, 2: .greyAlpha, 3: .rgb, 4: .rgba]
    guard let type = types[given.channels] else {
      throw CallFailure(RDCODEC_INVALID, "pixels have 1 to 4 channels, not \(given.channels)")
    }
    guard (1...16).contains(given.depth) else {
      throw CallFailure(RDCODEC_INVALID, "samples have 1 to 16 bits, not \(given.depth)")
    }
    let (width, height, channelCount) = (Int(given.width), Int(given.height), Int(given.channels))
    // Files may be larger; no memory holds their samples.
    let (_, isHuge) = (1024 * width * channelCount).multipliedReportingOverflow(by: height)
    guard width > 0, height > 0, width <= Int32.max, height <= Int32.max, !isHuge else {
      throw CallFailure(RDCODEC_INVALID, "there is no image of \(width) × \(height) pixels")
    }
    let depth = Int(given.depth)
    let rowByteCount = width * channelCount * (depth <= 8 ? 1 : 2)
    let stride = given.stride == 0 ? rowByteCount : given.stride
    guard stride >= rowByteCount else {
      throw CallFailure(RDCODEC_INVALID, "rows of \(rowByteCount) bytes do not fit into \(stride)")
    }
    guard let pixels = given.pixels else {
      throw CallFailure(RDCODEC_INVALID, "no pixels were given")
    }
    let peak = given.peak == 0 || given.peak == (1 << given.depth) - 1 ? nil : Int(given.peak)
    // Swift ends a process whose memory gives out.
    let header = Image(
      width: width, height: height, colorType: type, depth: depth,
      planes: [[UInt16]](repeating: [], count: channelCount))
    let estimate = MemoryEstimate.encoding(header, options, looksAtSamples: false)
    try codec { () throws(CodecError) in try estimate.check(allowed: options.memoryByteCount) }
    guard cmemory_has(estimate.byteCount) else {
      throw CallFailure(CodecError.outOfMemory("the image"))
    }
    let planes = (0..<channelCount).map { channel in
      depth <= 8
        ? plane(UInt8.self, channel, pixels, stride, width, height, step: channelCount)
        : plane(UInt16.self, channel, pixels, stride, width, height, step: channelCount)
    }
    self.init(
      width: width, height: height, colorType: type, depth: depth, statedPeak: peak,
      planes: planes, metadata: try Self.metadata(of: given))
  }

  private static func metadata(of given: rdcodec_image) throws(CallFailure) -> [MetadataItem] {
    var items: [MetadataItem] = []
    if given.icc != nil {
      items.append(
        MetadataItem(
          .iccProfile(
            name: Array("ICC profile".utf8), profile: try array(given.icc, given.icc_count)),
          position: .beforePalette))
    }
    if given.pixels_per_metre_x > 0, given.pixels_per_metre_y > 0 {
      items.append(
        MetadataItem(
          .resolution(
            x: given.pixels_per_metre_x, y: given.pixels_per_metre_y, isPerMetre: true)))
    }
    if given.exif != nil {
      items.append(MetadataItem(.exif(try array(given.exif, given.exif_count))))
    }
    if given.xmp != nil {
      items.append(MetadataItem(.xmp(try array(given.xmp, given.xmp_count), isCompressed: false)))
    }
    return items
  }
}

/// Every `step`-th sample of rows.
@inline(__always)
private func plane<Sample: FixedWidthInteger & UnsignedInteger>(
  _: Sample.Type, _ channel: Int, _ pixels: UnsafeRawPointer, _ stride: Int, _ width: Int,
  _ height: Int, step: Int
) -> [UInt16] {
  [UInt16](unsafeUninitializedCapacity: width * height) { samples, count in
    for y in 0..<height {
      let source = (pixels + y * stride).assumingMemoryBound(to: Sample.self) + channel
      let target = samples.baseAddress! + y * width
      if step == 3 {
        // With a constant step, so that the loop needs no multiplication.
        for x in 0..<width { target[x] = UInt16(truncatingIfNeeded: source[3 &* x]) }
      } else {
        for x in 0..<width { target[x] = UInt16(truncatingIfNeeded: source[x &* step]) }
      }
    }
    count = width * height
  }
}
