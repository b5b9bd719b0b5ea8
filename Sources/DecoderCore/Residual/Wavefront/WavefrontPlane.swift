internal import CKernels

typealias KernelWavePlane = ck_wave_plane
typealias KernelWaveShape = ck_wave_shape

/// One plane of a tile in the wavefront: its rows and models, which last as long as this does.
final class WavefrontPlane {
  /// What it is coded from.
  struct Setting {
    let width: Int
    let height: Int
    /// The highest rank.
    let high: Int
    /// log₂ of the steps that models count in.
    let unitBits: Int
    let profile: WavefrontProfile
    /// The planes before this one that help, the nearest first; at most two.
    let helpers: [WavefrontPlane]
    let prediction: WavefrontPrediction?
    /// How many of its bands are there at once, and of its helpers'.
    let ring: Int
  }

  let setting: Setting
  private let memory: Buffer<Float>
  private let place: Buffer<KernelWavePlane>

  /// What kernels work on.
  var kernel: UnsafeMutablePointer<KernelWavePlane> { place.base }

  init(_ setting: Setting) {
    self.setting = setting
    let profile = setting.profile
    let taps = profile.taps(
      colorIndex: setting.helpers.count, hasPrediction: setting.prediction != nil)
    var shape = KernelWaveShape()
    shape.width = Int32(setting.width)
    shape.height = Int32(setting.height)
    shape.high = Int32(setting.high)
    shape.unit_bits = Int32(setting.unitBits)
    shape.block = Int32(profile.blockWidth)
    shape.window_count = Int32(profile.windows.count)
    shape.tap_count = Int32(taps.count)
    shape.helper_count = Int32(setting.helpers.count)
    shape.has_prediction = setting.prediction == nil ? 0 : 1
    shape.counter_count = profile.isMixed ? Int32(CK_WAVE_COUNTERS) : -1
    shape.ring = Int32(setting.ring)
    for (index, tap) in taps.enumerated() { ck_wave_shape_taps(&shape)[index] = tap }
    for (index, window) in profile.windows.enumerated() {
      ck_wave_shape_windows(&shape)[index] = ck_wave_window(
        across: window.across, down: window.down)
    }
    memory = Buffer(zeroed: ck_wave_plane_size(&shape))
    place = Buffer(zeroed: 1)
    ck_wave_plane_place(place.base, &shape, memory.base)
    for (index, helper) in setting.helpers.enumerated() {
      ck_wave_plane_helpers(place.base)[index] = UnsafePointer(helper.kernel)
    }
  }

  /// Tells the kernels what P_dec(x|z) says of a band.
  func setPrediction(_ band: Int, kernels: WavefrontKernels) {
    guard let prediction = setting.prediction else { return }
    let first = Int(CK_WAVE_LANES) * band * setting.width
    prediction.means.withUnsafeBufferPointer { means in
      prediction.scales.withUnsafeBufferPointer { scales in
        kernels.call.set_prediction(
          place.base, Int32(band), means.baseAddress! + first, scales.baseAddress! + first)
      }
    }
  }

  /// Steps of a band.
  var stepCount: Int { Int(place.base.pointee.steps) }
}

/// P_dec(x|z) over one plane: means in sixteenths of a rank, and the scales' codes.
struct WavefrontPrediction {
  let means: [Int32]
  let scales: [UInt8]

  /// `means` are in sixteenths of a sample's step.
  init(_ means: [Int32], scales: [UInt8], map: ValueMap) {
    self.scales = scales
    self.means =
      map.isIdentity ? means : means.map { Int32(map.place(ofSixteenths: $0) * 16) }
  }
}
