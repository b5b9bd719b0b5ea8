// swift-tools-version: 6.2
import Foundation
import PackageDescription

let swiftSettings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
  name: "rdcodec",
  products: [
    .library(name: "RDCodec", targets: ["RDCodec"]),
    .executable(name: "rdcodec", targets: ["rdcodec"]),
    .library(name: "RDCodecC", type: .static, targets: ["RDCodecC"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
  ],
  targets: [
    .target(name: "CPNG", linkerSettings: [.linkedLibrary("png16"), .linkedLibrary("z")]),
    .target(name: "CMemory"),
    .target(name: "CThreads"),
    .target(name: "CRDCodec"),
    .target(
      name: "CKernels",
      exclude: [
        "weights.bin", "weights_visual.bin", "start_state.bin", "drawing_start.bin",
        "level_start.bin",
      ]),
    .target(name: "Entropy", dependencies: ["CKernels"], swiftSettings: swiftSettings),
    .target(
      name: "DecoderCore", dependencies: ["Entropy", "CKernels"], swiftSettings: swiftSettings),
    .target(
      name: "DecoderCoreC", dependencies: ["DecoderCore", "CKernels"], exclude: ["rdc_core.h"],
      swiftSettings: swiftSettings),
    .target(
      name: "RDCodec",
      dependencies: ["DecoderCore", "Entropy", "CPNG", "CKernels", "CMemory", "CThreads"],
      swiftSettings: swiftSettings),
    .target(
      name: "RDCodecC", dependencies: ["RDCodec", "CRDCodec", "CMemory"], exclude: ["rdcodec.map"],
      swiftSettings: swiftSettings),
    .target(
      name: "CommandSupport",
      dependencies: [
        "RDCodec", "CMemory", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: swiftSettings),
    .target(
      name: "BenchCommand",
      dependencies: [
        "CommandSupport", "RDCodec",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: swiftSettings),
    .executableTarget(
      name: "rdcodec",
      dependencies: [
        "CommandSupport", "BenchCommand", "RDCodec",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: swiftSettings),
    .executableTarget(
      name: "benchmark-parts",
      dependencies: ["RDCodec", "DecoderCore", "Entropy", "CKernels", "MachineLimit"],
      path: "Benchmarks/Parts", swiftSettings: swiftSettings),
    .target(name: "MachineLimit", path: "Benchmarks/MachineLimit"),
    .target(
      name: "StartStateTraining", dependencies: ["RDCodec", "DecoderCore", "Entropy", "CKernels"],
      path: "training/StartState/Library", swiftSettings: swiftSettings),
    .executableTarget(
      name: "train-start-state", dependencies: ["RDCodec", "StartStateTraining"],
      path: "training/StartState", exclude: ["Library"], swiftSettings: swiftSettings),
    .target(
      name: "TestSupport", dependencies: ["RDCodec", "DecoderCore", "Entropy"],
      path: "Tests/TestSupport", swiftSettings: swiftSettings),
    .testTarget(
      name: "EntropyTests", dependencies: ["Entropy", "CKernels", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "RDCodecTests",
      dependencies: [
        "RDCodec", "DecoderCore", "Entropy", "CKernels", "TestSupport", "rdcodec", "CommandSupport",
        "BenchCommand", "StartStateTraining", "CPNG",
      ],
      exclude: ["Golden"], swiftSettings: swiftSettings),
  ]
)

// `make fuzz` alone sets this; no other build sees its targets and that checksums are not compared.
if ProcessInfo.processInfo.environment["RDCODEC_FUZZ"] != nil {
  for target in package.targets {
    if ["DecoderCore", "RDCodec"].contains(target.name) {
      target.swiftSettings?.append(.define("RDCODEC_FUZZING"))
    } else if target.name == "CPNG" {
      target.cSettings = [.define("RDCODEC_FUZZING")]
    } else if target.name == "RDCodecTests" {
      target.exclude.append("OtherShape.swift")
    }
  }
  package.targets += [
    .target(name: "FuzzMemory", path: "Fuzz/Memory"),
    .executableTarget(
      name: "fuzz",
      dependencies: ["RDCodec", "DecoderCore", "Entropy", "TestSupport", "FuzzMemory"],
      path: "Fuzz/Targets",
      swiftSettings: swiftSettings + [.unsafeFlags(["-parse-as-library"])]),
  ]
}
