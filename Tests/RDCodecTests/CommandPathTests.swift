import TestSupport
import Testing

@testable import CommandSupport
@testable import rdcodec

/// Paths of any bytes as text.
@Suite struct CommandPathTests {
  @Test func anyBytesComeBackFromText() {
    var random = SplitMix64(seed: 5)
    for length in 0..<200 {
      let bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      #expect(String(path: bytes).pathBytes == bytes)
    }
  }

  @Test func textThatLooksEscapedIsKeptApart() {
    let scalar = Array("\u{10FEE9}".utf8)
    #expect(String(path: scalar).pathBytes == scalar)
    #expect(String(path: scalar).pathBytes != String(path: [0xE9]).pathBytes)
  }

  @Test func bytesThatAreNoUTF8AreShownInHexadecimal() {
    #expect(String(path: Array("caf".utf8) + [0xE9] + Array(".png".utf8)).shown == "caf\\xE9.png")
    #expect("Größe 😀".shown == "Größe 😀")
  }

  @Test(arguments: [
    ("a/b.PNG", "b.PNG", "a", "png", "a/b"), ("b", "b", ".", "", "b"),
    ("/b.tar.gz", "b.tar.gz", "/", "gz", "/b.tar"), (".png", ".png", ".", "", ".png"),
    ("a.d/b", "b", "a.d", "", "a.d/b"), ("a/b.", "b.", "a", "", "a/b."),
    // A mark that joins the slash or the dot before it to one character.
    ("a/\u{301}b.\u{301}p", "\u{301}b.\u{301}p", "a", "\u{301}p", "a/\u{301}b"),
  ])
  func pathsHaveParts(
    path: String, name: String, folder: String, fileExtension: String, stem: String
  ) {
    #expect(path.lastComponent.pathBytes == name.pathBytes)
    #expect(path.parentFolder == folder)
    #expect(path.fileExtension.pathBytes == fileExtension.pathBytes)
    #expect(path.withoutExtension.pathBytes == stem.pathBytes)
  }
}
