// Nanoseconds per sample of the codec's parts, on one thread:
//
//     swift run -c release benchmark-parts [WORD...]
//
// Only parts whose names hold one of the words, where there are any. Data are synthetic. The share
// is of the multiply-adds a second that dot products reach on this machine, in this run, by its
// widest instructions for the same kind of number.

// What a kernel costs by itself, then what is made of them; a new kernel is a line in its list.
let lists: [() throws -> [Part]] = [
  modelParts, latentParts, mixingParts, leastSquaresParts, sampleParts, rangeCoderParts,
  residualParts,
]
let words = CommandLine.arguments.dropFirst()
let report = Report()
report.printLimits()
for list in lists {
  for part in try list() where words.isEmpty || words.contains(where: part.name.contains) {
    report.print(part)
  }
}
