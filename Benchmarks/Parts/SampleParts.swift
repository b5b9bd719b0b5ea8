import CKernels
import Entropy

private let sampleCount = SampleRow.width * SampleRow.height
/// Room for what a kernel lists at once: a block's symbols or a sample's decisions.
private nonisolated(unsafe) let list = UnsafeMutablePointer<ck_symbol>.allocate(
  capacity: Int(CK_MAX_DECISIONS))

/// The steps of a sample of the residual, per sample.
func sampleParts() -> [Part] {
  forEachTable(ck_residual_kernels_for) { isa, kernels in
    guard let mixing = ck_mixing_kernels_for(isa)?.pointee else { return [] }
    func row(contexts: Int) -> SampleRow { SampleRow(kernels, mixing, contexts: contexts) }
    return [
      part("predict, 8 contexts", isa, row(contexts: 8)) { row in
        row.forEachSample { plane, x, _ in kernels.predict_sample(plane, x) }
      },
      part("predict and settle, 8 contexts", isa, row(contexts: 8)) { row in
        row.forEachSample { plane, x, value in
          kernels.predict_sample(plane, x)
          kernels.settle_sample(plane, x, Float(value))
        }
      },
    ] + bothWays("predict, code and settle, 8 contexts", isa, row(contexts: 8), samples)
      + bothWays("predict, code and settle, 4 contexts", isa, row(contexts: 4), samples)
      + bothWays("predict, code_symbol and settle", isa, row(contexts: 0), symbols)
      + bothWays("code_block", isa, row(contexts: 0), blocks)
  }
}

/// What codes all samples of a plane through a port.
private typealias Way = (SampleRow, UnsafeMutablePointer<ck_port>, _ afterEach: () -> Void) -> Void

private func samples(
  _ row: SampleRow, _ port: UnsafeMutablePointer<ck_port>, _ afterEach: () -> Void
) {
  row.forEachSample { plane, x, value in
    row.kernels.predict_sample(plane, x)
    let value = row.kernels.code_sample(plane, value, port)
    row.kernels.settle_sample(plane, x, Float(value))
    afterEach()
  }
}

private func symbols(
  _ row: SampleRow, _ port: UnsafeMutablePointer<ck_port>, _ afterEach: () -> Void
) {
  row.forEachSample { plane, x, value in
    row.kernels.predict_sample(plane, x)
    let value = row.kernels.code_symbol(plane, value, port)
    row.kernels.settle_sample(plane, x, Float(value))
    afterEach()
  }
}

private func blocks(
  _ row: SampleRow, _ port: UnsafeMutablePointer<ck_port>, _ afterEach: () -> Void
) {
  var features = [Float](repeating: 0, count: 16 * 8 * Int(CK_MAX_VECTORS))
  var targets = [Float](repeating: 0, count: 16)
  var importance = targets
  features.withUnsafeMutableBufferPointer { features in
    targets.withUnsafeMutableBufferPointer { targets in
      importance.withUnsafeMutableBufferPointer { importance in
        var block = ck_block(
          features: features.baseAddress!, targets: targets.baseAddress!,
          importance: importance.baseAddress!)
        row.forEachBlock { plane, x, values in
          var values = values.map { UInt16($0) }
          row.kernels.code_block(plane, x, values.count, &values, &block, port)
          afterEach()
        }
      }
    }
  }
}

private func part(
  _ name: String, _ isa: ck_isa, _ row: SampleRow, _ body: @escaping (SampleRow) -> Void
) -> Part {
  Part(name: name, isa: isa, sampleCount: sampleCount, prepare: row.reset) { body(row) }
}

/// Writing to a list of symbols, and reading from bytes.
private func bothWays(
  _ name: String, _ isa: ck_isa, _ row: SampleRow, _ way: @escaping Way
) -> [Part] {
  let bytes = encoded(row, way)
  return [
    part("\(name), listed", isa, row) { row in
      var port = ck_port(in: nil, out: list)
      withUnsafeMutablePointer(to: &port) { port in
        way(row, port) { port.pointee.out = list }
      }
    },
    part("\(name), read", isa, row) { row in
      bytes.withUnsafeBufferPointer { bytes in
        var range = ck_range_of(bytes.baseAddress!, bytes.count)
        withUnsafeMutablePointer(to: &range) { range in
          var port = ck_port(in: range, out: nil)
          way(row, &port) {}
        }
      }
    },
  ]
}

private func encoded(_ row: SampleRow, _ way: Way) -> [UInt8] {
  row.reset()
  var encoder = RangeEncoder()
  var port = ck_port(in: nil, out: list)
  withUnsafeMutablePointer(to: &port) { port in
    way(row, port) {
      var next = list
      while next != port.pointee.out {
        encoder.encode(start: next.pointee.start, size: next.pointee.size)
        next += 1
      }
      port.pointee.out = list
    }
  }
  return encoder.finish()
}
