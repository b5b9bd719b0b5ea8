internal import DecoderCore

// The functions of rdc_core.h.

private func decoder(_ handle: UnsafeRawPointer) -> Decoder {
  Unmanaged<Decoder>.fromOpaque(handle).takeUnretainedValue()
}

private func model(_ handle: UnsafeRawPointer) -> Model {
  Unmanaged<Model>.fromOpaque(handle).takeUnretainedValue()
}

private func array(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
  Array(UnsafeBufferPointer(start: bytes, count: bytes == nil ? 0 : count))
}

@c(rdc_open)
public func rdcOpen(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> UnsafeMutableRawPointer {
  Unmanaged.passRetained(Decoder(array(bytes, count))).toOpaque()
}

@c(rdc_close)
public func rdcClose(_ handle: UnsafeMutableRawPointer) {
  Unmanaged<Decoder>.fromOpaque(handle).release()
}

@c(rdc_model_open)
public func rdcModelOpen(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> UnsafeMutableRawPointer {
  Unmanaged.passRetained(Model(array(bytes, count))).toOpaque()
}

@c(rdc_model_close)
public func rdcModelClose(_ handle: UnsafeMutableRawPointer) {
  Unmanaged<Model>.fromOpaque(handle).release()
}

@c(rdc_error)
public func rdcError(_ handle: UnsafeRawPointer) -> UnsafePointer<CChar>? {
  (decoder(handle).error?.bytes.baseAddress).map { UnsafePointer($0) }
}

@c(rdc_model_error)
public func rdcModelError(_ handle: UnsafeRawPointer) -> UnsafePointer<CChar>? {
  (model(handle).error?.bytes.baseAddress).map { UnsafePointer($0) }
}

@c(rdc_get)
public func rdcGet(_ handle: UnsafeRawPointer, _ what: Int32) -> UInt32 {
  what == 2
    ? UInt32(truncatingIfNeeded: decoder(handle).modelName >> 32)
    : UInt32(truncatingIfNeeded: decoder(handle).value(what))
}

@c(rdc_model_name)
public func rdcModelName(_ handle: UnsafeRawPointer) -> UInt32 {
  UInt32(truncatingIfNeeded: (model(handle).model?.latents.name ?? 0) >> 32)
}

@c(rdc_start)
public func rdcStart(
  _ handle: UnsafeRawPointer, _ modelHandle: UnsafeRawPointer?, _ layer: Int32, _ x: UInt32,
  _ y: UInt32, _ width: UInt32, _ height: UInt32
) -> Int32 {
  let region =
    width == 0
    ? nil
    : ImageRegion(
      x: Int(clamping: x), y: Int(clamping: y), width: Int(clamping: width),
      height: Int(clamping: height))
  let options = DecoderOptions(layer: layer == 0 ? .preview : .full, region: region)
  return decoder(handle).start(modelHandle.flatMap { model($0).model }, options) ? 0 : -1
}

@c(rdc_step)
public func rdcStep(_ handle: UnsafeRawPointer) -> Int32 { decoder(handle).step() }

@c(rdc_rows)
public func rdcRows(_ handle: UnsafeRawPointer) -> UnsafeRawPointer? { decoder(handle).rowBytes }

@c(rdc_info)
public func rdcInfo(_ handle: UnsafeRawPointer) -> UnsafePointer<CChar>? {
  decoder(handle).infoText
}

@c(rdc_metadata)
public func rdcMetadata(
  _ handle: UnsafeRawPointer, _ index: UInt32, _ count: UnsafeMutablePointer<Int>
) -> UnsafePointer<UInt8>? {
  let bytes = decoder(handle).metadata(Int(clamping: index))
  count.pointee = bytes.count
  return bytes.isEmpty ? nil : bytes.baseAddress
}
