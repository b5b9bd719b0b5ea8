import Foundation
import FuzzMemory
import RDCodec

/// What libFuzzer calls: one program for all targets, named by RDCODEC_FUZZ_TARGET.
///
/// With RDCODEC_FUZZ_SEEDS it writes small files into that folder, from which the targets start, and
/// ends.
enum Target: String, CaseIterable {
  case decode, inspect, png, netpbm, jpeg, weights, roundtrip

  /// The target of this process.
  static let current: Target = {
    let name = ProcessInfo.processInfo.environment["RDCODEC_FUZZ_TARGET"] ?? ""
    guard let target = Target(rawValue: name) else {
      fatalError("RDCODEC_FUZZ_TARGET is one of \(allCases.map(\.rawValue))")
    }
    return target
  }()

  func run(_ bytes: [UInt8]) {
    switch self {
    case .decode: DecodeTarget.run(bytes)
    case .inspect: InspectTarget.run(bytes)
    case .png: ReadTarget.run(bytes)
    case .netpbm: ReadTarget.run(bytes)
    case .jpeg: ReadTarget.run(bytes)
    case .weights: WeightsTarget.run(bytes)
    case .roundtrip: RoundTripTarget.run(bytes)
    }
  }
}

@_cdecl("LLVMFuzzerInitialize")
public func initialize(
  _ count: UnsafeMutableRawPointer, _ arguments: UnsafeMutableRawPointer
) -> CInt {
  if let folder = ProcessInfo.processInfo.environment["RDCODEC_FUZZ_SEEDS"] {
    Seeds.write(to: URL(fileURLWithPath: folder))
    exit(0)
  }
  fuzz_memory_install()
  if Target.current == .weights { WeightsTarget.prepare() }
  return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  Target.current.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
  return 0
}

/// Ends the process where something does not hold that has to; libFuzzer then keeps the input.
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
  guard !condition else { return }
  FileHandle.standardError.write(Data("FINDING: \(message())\n".utf8))
  abort()
}
