import CommandSupport
import RDCodec

/// Gathers the pictures of a page while images are measured.
///
/// Only the parts that are shown are kept, as compressed files.
struct PictureCollector {
  private let writer = PictureWriter()
  private let wantedFiles: Set<Int>
  private let wantedModes: Set<Int>
  private(set) var pictures = BenchPictures()

  /// Shows up to `count` of the files, and up to three of the modes, evenly spread.
  init(count: Int, fileCount: Int, modes: [EncoderOptions.Mode]) {
    wantedFiles = Set(BenchPictures.spread(count, over: fileCount))
    let places = BenchPictures.spread(BenchPictures.maximumRateCount, over: modes.count)
    wantedModes = Set(places.filter { modes[$0].setting != nil })
  }

  func wants(file: Int) -> Bool { wantedFiles.contains(file) && !wantedModes.isEmpty }

  func wants(mode: Int) -> Bool { wantedModes.contains(mode) }

  /// Counts an image that was measured, shown or not.
  mutating func countImage() { pictures.imageCount += 1 }

  /// Forgets an image that failed.
  mutating func drop(_ file: String) {
    if pictures.shown.last?.file == file { pictures.shown.removeLast() }
  }

  /// Begins a set of pictures.
  mutating func start(_ input: BenchInput) throws {
    let crop = PictureCrop(width: input.image.width, height: input.image.height)
    pictures.shown.append(
      BenchPictures.Shown(
        file: input.file, width: input.image.width, height: input.image.height, crop: crop,
        original: try writer.picture(crop.cut(from: input.image)),
        originalByteCount: input.byteCount, rates: []))
  }

  /// Adds what rdcodec made of the image that came last.
  mutating func add(_ record: BenchRecord, decoded: Image) throws {
    guard let last = pictures.shown.indices.last else { return }
    let picture = try writer.picture(pictures.shown[last].crop.cut(from: decoded))
    let entry = BenchPictures.Entry(
      codec: BenchCurves.own, setting: record.mode.label, byteCount: record.fileBits / 8,
      bitsPerPixel: record.bitsPerPixel, distortion: record.distortion, picture: picture)
    pictures.shown[last].rates.append(
      BenchPictures.Rate(
        label: "\(fixed(record.bitsPerPixel, 3)) bits per pixel", entries: [entry]))
  }

  /// Adds what other codecs make of the images in about as many bytes; leaves out what they fail
  /// at, and images for which there is no room.
  mutating func addPeers(_ bench: PeerBench?, _ records: [PeerRecord]) {
    var byteCount = 0
    var kept: [BenchPictures.Shown] = []
    for var shown in pictures.shown {
      if byteCount + shown.byteCount <= BenchPictures.maximumByteCount, let bench,
        let source = bench.sources.first(where: { $0.file == shown.file })
      {
        for index in shown.rates.indices {
          shown.rates[index].entries += entries(bench, source, records, shown, index)
        }
      }
      guard byteCount + shown.byteCount <= BenchPictures.maximumByteCount else { continue }
      byteCount += shown.byteCount
      kept.append(shown)
    }
    pictures.droppedCount = pictures.shown.count - kept.count
    pictures.shown = kept
  }

  private func entries(
    _ bench: PeerBench, _ source: PeerSource, _ records: [PeerRecord],
    _ shown: BenchPictures.Shown, _ rate: Int
  ) -> [BenchPictures.Entry] {
    guard let wanted = shown.rates[rate].entries.first?.byteCount else { return [] }
    return bench.runners.compactMap { runner in
      let known = records.filter { $0.codec == runner.peer.name && $0.file == source.file }
      // One that failed, or cannot hold the image, has said so.
      guard !known.isEmpty else { return nil }
      let match = PictureMatch(runner: runner, source: source, known: known)
      guard let (record, decoded) = try? match.nearest(to: wanted),
        let picture = try? writer.picture(shown.crop.cut(from: decoded))
      else { return nil }
      return BenchPictures.Entry(
        codec: runner.peer.name,
        setting: record.setting.map(runner.peer.text) ?? "", byteCount: record.fileBits / 8,
        bitsPerPixel: record.bitsPerPixel, distortion: record.distortion, picture: picture)
    }
  }
}
