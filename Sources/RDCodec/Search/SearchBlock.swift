internal import CKernels
internal import DecoderCore

/// A ``Block`` forwards, with what the way back needs, and backwards.
struct SearchBlock: Sendable {
  private let depthwise: Depthwise
  private let expand: SearchLayer
  private let project: SearchLayer
  private let back: Back?

  /// `goesBack`: whether ``backward(_:signs:)`` will be called, which needs layers of its own.
  init(_ block: Block, goesBack: Bool = true) {
    depthwise = block.depthwise
    expand = SearchLayer(block.expand)
    project = SearchLayer(block.project)
    back = goesBack ? Back(block) : nil
  }

  /// The layers of the way back.
  private struct Back {
    let depthwise: Depthwise
    let expand: SearchLayer
    let project: SearchLayer
    let shift: Int

    init(_ block: Block) {
      depthwise = block.depthwise.transposed
      // The result is added to gradients as they were, so both have one unit.
      let finer = (-block.project.gradientGrowth, -block.expand.gradientGrowth)
      project = SearchLayer(back: block.project, finer: finer.0)
      expand = SearchLayer(back: block.expand, finer: finer.1)
      let shift =
        block.depthwise.shift + block.expand.shift + block.project.shift - project.shift
        - expand.shift
      self.shift = min(max(shift, 1), 27)
    }
  }

  /// Words of signs of a position.
  var signWords: Int { expand.signWords }

  /// `x` has a border of 1; `result` may have any. `signs`: of all positions, or nil if nobody
  /// goes back.
  func forward(
    _ x: SearchPlane, signs: UnsafeMutablePointer<UInt16>?, to result: SearchPlane
  ) {
    let (width, channels) = (x.width, x.channels)
    let inner = SearchPlane(height: 1, width: width, channels: channels)
    let wide = SearchPlane(height: 1, width: width, channels: expand.outputs)
    let rowSigns = Buffer<UInt16>(zeroed: width * signWords)
    for row in 0..<x.height {
      SearchKernels.best.depthwise(
        x.row(row - 1, -1), x.rowStride, depthwise.weights, depthwise.bias,
        Int32(depthwise.shift), CK_LINEAR, inner.row(0), channels, width)
      expand(
        [inner.inputs(row: 0)], CK_LEAKY, to: wide.row(0),
        signs: signs.map { $0 + row * width * signWords } ?? rowSigns.base, count: width)
      result.row(row).update(from: x.row(row), count: width * channels)
      project([wide.inputs(row: 0)], CK_ADDED, to: result.row(row), count: width)
    }
  }

  /// Takes a gradient back in its place.
  func backward(_ gradient: SearchPlane, signs: borrowing Buffer<UInt16>) {
    guard let back else { preconditionFailure("this block does not go back") }
    let (width, channels) = (gradient.width, gradient.channels)
    let wide = SearchPlane(height: 1, width: width, channels: expand.outputs)
    let inner = SearchPlane(
      height: gradient.height, width: width, channels: channels, border: 1)
    for row in 0..<gradient.height {
      back.project(
        [gradient.inputs(row: row)], CK_MASKED, to: wide.row(0),
        signs: signs.base + row * width * expand.signWords, count: width)
      back.expand([wide.inputs(row: 0)], CK_LINEAR, to: inner.row(row), count: width)
    }
    for row in 0..<gradient.height {
      SearchKernels.best.depthwise(
        inner.row(row - 1, -1), inner.rowStride, back.depthwise.weights, back.depthwise.bias,
        Int32(back.shift), CK_ADDED, gradient.row(row), channels, width)
    }
  }
}
