// Reads PNG files without interlacing, to compare them.
import { inflateSync } from 'node:zlib';

/** Chunks, and pixels as PAM has them: whole bytes a sample, the higher first. */
export function readPNG(bytes) {
  const chunks = [];
  for (let at = 8; at < bytes.length;) {
    const count = bytes.readUInt32BE(at);
    chunks.push({
      type: bytes.toString('latin1', at + 4, at + 8), payload: bytes.subarray(at + 8, at + 8 + count) });
    at += count + 12;
  }
  const header = chunks[0].payload;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const [depth, colorType] = header.subarray(8);
  const channels = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colorType];
  const rows = inflateSync(
    Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ payload }) => payload)));
  const byteCount = Math.ceil(width * channels * depth / 8);
  const step = Math.max(1, channels * depth >> 3);
  const size = width * channels * (depth > 8 ? 2 : 1);
  const pixels = Buffer.alloc(size * height);
  let above = new Uint8Array(byteCount);
  for (let y = 0; y < height; y++) {
    const start = y * (byteCount + 1);
    const filter = rows[start];
    const row = new Uint8Array(byteCount);
    for (let i = 0; i < byteCount; i++) {
      const [a, b, c] = [i < step ? 0 : row[i - step], above[i], i < step ? 0 : above[i - step]];
      const p = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
      const paeth = p[0] <= p[1] && p[0] <= p[2] ? a : p[1] <= p[2] ? b : c;
      row[i] = rows[start + 1 + i] + [0, a, b, a + b >> 1, paeth][filter];
    }
    if (depth >= 8) {
      pixels.set(row, y * size);
    } else {
      for (let x = 0; x < width; x++) {
        const bit = x * depth;
        pixels[y * size + x] = row[bit >> 3] >> 8 - depth - (bit & 7) & (1 << depth) - 1;
      }
    }
    above = row;
  }
  return { width, height, depth, colorType, channels, chunks, pixels };
}
