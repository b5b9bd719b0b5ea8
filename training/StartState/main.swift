// Learns from PNG files what adaptive models start from: those of the residual coder for
// photographs, for drawings, those of latents, or from JPEG files those of their levels.
//
//     swift run -c release train-start-state residual OUTPUT EPOCHS FILE...
//     swift run -c release train-start-state drawings OUTPUT EPOCHS FILE...
//     swift run -c release train-start-state latents WEIGHTS OUTPUT EPOCHS FILE...
//     swift run -c release train-start-state symbols WEIGHTS OUTPUT EPOCHS FILE...
//     swift run -c release train-start-state levels OUTPUT EPOCHS JPEG...
//
// WEIGHTS is a file that export.py or experts.py wrote; the OUTPUT of "latents" is the same with
// what was learned, that of "symbols" what experts.py learns from. Files are taken in a fixed
// random order, for latents and symbols each at a random quality, with a step that falls from 0.2
// to 0.02.

import DecoderCore
import Foundation
import RDCodec
import StartStateTraining

var arguments = CommandLine.arguments.dropFirst()
let mode = arguments.popFirst()
let weights = mode == "latents" || mode == "symbols" ? arguments.popFirst() : nil
guard ["residual", "drawings", "levels"].contains(mode) || weights != nil,
  let output = arguments.popFirst(),
  let epochs = arguments.popFirst().flatMap(Int.init), epochs > 0, !arguments.isEmpty
else {
  FileHandle.standardError.write(
    Data(
      "usage: train-start-state (residual | drawings | levels | (latents | symbols) WEIGHTS) OUTPUT EPOCHS FILE...\n"
        .utf8))
  exit(64)
}

/// SplitMix64: the same order on every machine.
struct Order: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

func read(_ path: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(fileURLWithPath: path)))
}

let files = arguments.sorted()
var order = Order(state: 1)
let stepCount = Float(epochs * files.count)

/// Calls `learn` with every file in turn, and prints what they took by the names of its results.
@MainActor func train(
  _ names: [String], _ learn: @MainActor (Image, _ step: Float) async throws -> [Double]
) async throws {
  var done: Float = 0
  for epoch in 1...epochs {
    var bits = [Double](repeating: 0, count: names.count)
    for file in files.shuffled(using: &order) {
      let image = try Image(png: read(file))
      for (index, more) in try await learn(image, 0.2 * pow(0.1, done / stepCount)).enumerated() {
        bits[index] += more
      }
      done += 1
    }
    let totals = zip(names, bits).map { "\($0) \(Int($1 / 8)) bytes" }
    print("epoch \(epoch): \(totals.joined(separator: ", "))")
  }
}

let learned: [UInt8]
if let weights {
  let trainer = try LatentStartTrainer(weights: read(weights))
  var symbols: [UInt8] = []
  try await train([mode == "latents" ? "latents" : "symbols"]) { image, step in
    let quality = Double.random(in: 1...100, using: &order)
    if mode == "latents" { return [trainer.learn(from: image, quality: quality, step: step)] }
    let more = trainer.symbols(of: image, quality: quality)
    symbols += more
    return [Double(8 * more.count)]
  }
  learned = mode == "latents" ? trainer.weights() : symbols
} else if mode == "drawings" {
  let trainer = DrawingStartTrainer()
  try await train(["candidates", "bits"]) { try await trainer.learn(from: $0, step: $1) }
  learned = trainer.bytes()
} else if mode == "levels" {
  let counter = LevelStartTrainer()
  for file in files { _ = try counter.learn(from: read(file), step: 0) }
  let counters = counter.counters(logarithm: log)
  let trainer = LevelStartTrainer(counters: counters)
  for epoch in 1...epochs {
    var bits = 0.0
    for (index, file) in files.shuffled(using: &order).enumerated() {
      let done = Float((epoch - 1) * files.count + index) / stepCount
      bits += try trainer.learn(from: read(file), step: 0.2 * pow(0.1, done))
    }
    print("epoch \(epoch): levels \(Int(bits / 8)) bytes")
  }
  learned = (counters + trainer.weights()).map { UInt8(bitPattern: $0) }
} else {
  let trainer = StartStateTrainer()
  try await train(StartStateTrainer.efforts.map { "effort \($0)" }) { image, step in
    var bits: [Double] = []
    for effort in StartStateTrainer.efforts {
      bits.append(try await trainer.learn(from: image, effort: effort, step: step))
    }
    return bits
  }
  learned = trainer.bytes()
}
try Data(learned).write(to: URL(fileURLWithPath: output))
