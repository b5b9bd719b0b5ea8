import Testing

@testable import CommandSupport
@testable import rdcodec

/// The names of a batch's outputs.
@Suite struct CommandNamesTests {
  private func names(
    _ paths: [String], places: [String]? = nil, kind: InputKind = .images, to: String = "rdc"
  ) -> [String?] {
    let sources = zip(paths, places ?? paths.map { _ in "" }).map { path, place in
      OutputNames.Source(
        path: path, place: place,
        parents: path.parentFolder.split(separator: "/").map(String.init))
    }
    return OutputNames(kind: kind, outputExtension: to).names(for: sources)
  }

  @Test func extensionsOfPicturesGiveWay() {
    #expect(
      names(["in/a.png", "in/b.PGM", "in/scan.2024", "in/c"])
        == ["a.rdc", "b.rdc", "scan.2024.rdc", "c.rdc"])
    #expect(
      names(["a.rdc", "b.png.rdc", "c"], kind: .bitstreams, to: "png")
        == ["a.png", "b.png", "c.png"])
  }

  @Test func filesThatWereKeptHaveTheirOwn() {
    let names = OutputNames(kind: .bitstreams, outputExtension: "png")
    let sources = ["a.rdc", "b.jpeg.rdc", "c.png.rdc", "x/d.rdc", "y/d.rdc"].map { path in
      OutputNames.Source(
        path: path, place: "", parents: path.parentFolder.split(separator: "/").map(String.init),
        outputExtension: path == "x/d.rdc" ? nil : "jpg")
    }
    #expect(
      names.names(for: sources) == ["a.jpg", "b.jpeg", "c.png.jpg", "d.png", "d.jpg"])
  }

  @Test func twinsKeepTheirExtensions() {
    #expect(
      names(["in/one.png", "in/two.png", "in/one.ppm", "in/one.PNG"])
        == ["one.png.rdc", "two.rdc", "one.ppm.rdc", "one.PNG.rdc"])
  }

  @Test func sameNamesGetTheFoldersThatDiffer() {
    #expect(
      names(["/x/card1/a.png", "/x/card2/a.png", "/x/card2/b.png"])
        == ["a-card1.rdc", "a-card2.rdc", "b.rdc"])
    #expect(
      names(["/x/card1/raw/a.png", "/x/card2/raw/a.png"]) == ["a-card1-raw.rdc", "a-card2-raw.rdc"])
    #expect(
      names(["/x/card1/a.png", "/x/card2/a.png", "/x/card2/a.ppm"])
        == ["a-card1.png.rdc", "a-card2.png.rdc", "a.ppm.rdc"])
  }

  @Test func mirroredFoldersTellApart() {
    #expect(names(["r/a.png", "r/s/a.png"], places: ["", "s"]) == ["a.rdc", "s/a.rdc"])
  }

  @Test func orderDoesNotMatter() {
    let paths = [
      "/x/card1/a.png", "/x/card2/a.png", "/x/a.ppm", "/x/a-card1.png", "/y/a.png.png", "/x/b.png",
      "/y/b.ppm",
    ]
    let forward = names(paths)
    #expect(Set(forward.compactMap(\.self)).count == paths.count)
    #expect(names(paths.reversed()) == forward.reversed())
  }

  @Test func aNameThatIsTakenIsLeft() {
    // one.png.rdc is what the third wants by itself: the next names are tried.
    let result = names(["/x/one.png", "/x/one.ppm", "/x/one.png.png"])
    #expect(result[2] == "one.png.rdc")
    #expect(result[0] == nil && result[1] == nil)
  }

  @Test func namesThatLookAlikeAreNotTheSame() {
    let result = names(["\u{E9}.png", "e\u{301}.png"])
    let expected = [Array("\u{E9}.rdc".utf8), Array("e\u{301}.rdc".utf8)]
    #expect(result.compactMap { $0?.pathBytes } == expected)
  }

  @Test func listsHaveLinesOrZeroBytes() {
    func names(_ text: String, isNullSeparated: Bool = false) -> [String] {
      FileList.names(in: Array(text.utf8), isNullSeparated: isNullSeparated)
    }
    #expect(names("a.png\nb c.png\r\n\n-\nlast") == ["a.png", "b c.png", "./-", "last"])
    #expect(names("a\nb\0c\0") == ["a\nb", "c"])
    #expect(names("a\nb", isNullSeparated: true) == ["a\nb"])
    #expect(FileList.names(in: [0xFF, 10], isNullSeparated: false).map(\.pathBytes) == [[0xFF]])
  }
}
