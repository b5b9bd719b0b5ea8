import CommandSupport
import RDCodec

/// The part of a page that shows pictures: two at a time, divided by a slider or side by side.
struct PictureViewer {
  private var pictures: BenchPictures

  init(_ pictures: BenchPictures) { self.pictures = pictures }

  /// What the script of the page reads.
  private struct Data: Encodable {
    struct Shown: Encodable {
      var name: String
      var width: Int
      var height: Int
      var rates: [Rate]
    }
    struct Rate: Encodable {
      var label: String
      /// The original first.
      var entries: [Entry]
    }
    struct Entry: Encodable {
      var codec: String
      var note: String
      /// Into `sources`: the original is the same at every rate.
      var source: Int
    }
    var shown: [Shown] = []
    var sources: [String] = []
  }

  var html: String {
    get throws {
      let note = pictures.note.map { "<p class=\"note\">\(HTML.escaped($0))</p>\n" } ?? ""
      return """
        <h2>Pictures at equal bytes</h2>
        <div id="viewer" hidden>
        <div class="controls">
        <label>Image <select id="image"></select></label>
        <label>Rate <select id="rate"></select></label>
        <label>Left <select id="left"></select></label>
        <label>Right <select id="right"></select></label>
        <label>View <select id="view"><option value="divided">divided</option>\
        <option value="beside">side by side</option></select></label>
        <label>Zoom <select id="zoom"><option value="0">fit</option><option value="1">1:1</option>\
        <option value="2">2:1</option><option value="4">4:1</option><option value="8">8:1</option>\
        </select></label>
        </div>
        <div id="frame">
        <div id="stage" class="divided" tabindex="0" role="group" \
        aria-label="Pictures; arrow keys move them, plus and minus zoom">
        <div class="pane"><img id="picture-left" alt="" draggable="false"></div>
        <div class="pane"><img id="picture-right" alt="" draggable="false"></div>
        <div id="divider"></div>
        </div>
        <input id="split" type="range" min="0" max="100" value="50" step="0.5" \
        aria-label="Where the left picture ends">
        <div class="captions"><p id="note-left"></p><p id="note-right"></p></div>
        </div>
        </div>
        <noscript><p class="note">The pictures need JavaScript.</p></noscript>
        \(note)\(try HTML.json(data, id: "pictures"))
        """
    }
  }

  private var data: Data {
    var data = Data()
    for shown in pictures.shown {
      let original = data.sources.count
      data.sources.append(shown.original.dataURI)
      let pixels = Double(shown.width * shown.height)
      let first = Data.Entry(
        codec: "original",
        note: "original, \(shown.originalByteCount) bytes on disk, "
          + "\(fixed(Double(shown.originalByteCount) * 8 / pixels, 2)) bits per pixel",
        source: original)
      let rates = shown.rates.map { rate in
        let own = rate.entries.first?.byteCount ?? 0
        return Data.Rate(
          label: rate.label,
          entries: [first]
            + rate.entries.map { entry in
              data.sources.append(entry.picture.dataURI)
              return Data.Entry(
                codec: entry.codec, note: Self.note(entry, own: own),
                source: data.sources.count - 1)
            })
      }
      data.shown.append(
        Data.Shown(
          name: shown.file.lastComponent, width: shown.crop.columns.count,
          height: shown.crop.rows.count,
          rates: rates))
    }
    return data
  }

  /// Bytes, beside rdcodec's, and distortion.
  private static func note(_ entry: BenchPictures.Entry, own: Int) -> String {
    let ratio = 100 * (Double(entry.byteCount) / Double(max(own, 1)) - 1)
    let sign = ratio < 0 ? "" : "+"
    let beside = entry.codec == BenchCurves.own ? "" : " (\(sign)\(fixed(ratio, 1)) %)"
    let distortion = Metric.drawn.enumerated().compactMap { index, metric in
      // A level without a name is PSNR.
      metric.level(entry.distortion).map {
        (index == 0 ? ", " : ", \(metric.name) ") + metric.text(ofLevel: $0)
      }
    }.joined()
    return "\(entry.codec), setting \(entry.setting): \(entry.byteCount) bytes\(beside), "
      + "\(fixed(entry.bitsPerPixel, 3)) bits per pixel\(distortion)"
  }
}
