import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// What must not change the bytes or the image.
@Suite struct CodecDeterminismTests {
  @Test(arguments: [EncoderOptions.Mode.lossless(preview: 40), .lossy(quality: 60)])
  func theNumberOfJobsChangesNothing(mode: EncoderOptions.Mode) async throws {
    let image = SyntheticImages.image(.init(.rgba, 8), width: 1600, height: 17)
    var files: [EncodedImage] = []
    var images: [Image] = []
    for jobs in [1, 3] {
      files.append(
        try await encode(image, EncoderOptions(mode: mode, effort: 1, jobs: jobs, verify: false)))
      images.append(try await decode(files[0].bytes, DecoderOptions(jobs: jobs)))
    }
    #expect(files[0] == files[1])
    #expect(images[0] == images[1])
    #expect(try inspect(files[0].bytes).streams[1].tileCount == 3)
  }

  @Test(
    .enabled(if: KernelISA.avx2.isAvailable, "this CPU runs one instruction set"),
    arguments: ["", "--quality 60"])
  func everyInstructionSetGivesTheSameFileAndImage(mode: String) throws {
    let runner = try CLIRunner()
    try runner.writeImage("in.ppm", width: 40, height: 24)
    let sets = KernelISA.all.filter(\.isAvailable).map(\.name)
    for isa in sets {
      let outcome = try runner.shell(
        """
        export RDCODEC_ISA=\(isa)
        "$rdcodec" compress -q --effort 5 \(mode) in.ppm \(isa).rdc &&
        "$rdcodec" decompress -q \(isa).rdc \(isa).png
        """)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    for isa in sets {
      #expect(try runner.bytes(of: "portable.rdc") == runner.bytes(of: "\(isa).rdc"))
      #expect(try runner.bytes(of: "portable.png") == runner.bytes(of: "\(isa).png"))
    }
  }
}
