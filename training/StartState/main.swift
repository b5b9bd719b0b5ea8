// Learns the start state of the residual coder's adaptive models from PNG files:
//
//     swift run -c release train-start-state OUTPUT EPOCHS FILE...
//
// Files are taken in a fixed random order, with a step that falls from 0.2 to 0.02.

import Foundation
import RDCodec

let arguments = CommandLine.arguments.dropFirst()
guard arguments.count > 2, let epochs = Int(arguments.dropFirst().first!), epochs > 0 else {
  FileHandle.standardError.write(Data("usage: train-start-state OUTPUT EPOCHS FILE...\n".utf8))
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

let files = arguments.dropFirst(2).sorted()
var order = Order(state: 1)
let trainer = StartStateTrainer()
let steps = Float(epochs * files.count)
var step: Float = 0
for epoch in 1...epochs {
  var bits = [0.0, 0.0]
  for file in files.shuffled(using: &order) {
    let image = try Image(png: Array(Data(contentsOf: URL(fileURLWithPath: file))))
    for (index, effort) in StartStateTrainer.efforts.enumerated() {
      bits[index] += try await trainer.learn(
        from: image, effort: effort, step: 0.2 * pow(0.1, step / steps))
    }
    step += 1
  }
  print("epoch \(epoch): \(bits.map { Int($0 / 8) }) bytes at efforts \(StartStateTrainer.efforts)")
}
try Data(trainer.bytes()).write(to: URL(fileURLWithPath: arguments.first!))
