// Learns the start state of the latents' adaptive models from PNG files:
//
//     swift run -c release train-latent-start WEIGHTS OUTPUT EPOCHS FILE...
//
// WEIGHTS is a file that export.py wrote; OUTPUT is the same with what was learned. Files are taken in a
// fixed random order, each at a random quality, with a step that falls from 0.2 to 0.02.

import Foundation
import RDCodec

let arguments = CommandLine.arguments.dropFirst()
guard arguments.count > 3, let epochs = Int(arguments.dropFirst(2).first!), epochs > 0 else {
  FileHandle.standardError.write(
    Data("usage: train-latent-start WEIGHTS OUTPUT EPOCHS FILE...\n".utf8))
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

let files = arguments.dropFirst(3).sorted()
var order = Order(state: 1)
let trainer = try LatentStartTrainer(weights: read(arguments.first!))
let steps = Float(epochs * files.count)
var step: Float = 0
for epoch in 1...epochs {
  var bits = 0.0
  for file in files.shuffled(using: &order) {
    bits += try await trainer.learn(
      from: Image(png: read(file)), quality: .random(in: 1...100, using: &order),
      step: 0.2 * pow(0.1, step / steps))
    step += 1
  }
  print("epoch \(epoch): \(Int(bits / 8)) bytes of latents")
}
try Data(trainer.weights()).write(to: URL(fileURLWithPath: arguments.dropFirst().first!))
