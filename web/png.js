// Writes PNG files. A canvas would not do: it has 8 bits, multiplies colours by alpha, and knows
// nothing of what else an image says.

import { chunks } from './metadata.js';

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? value >>> 1 ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(bytes, before = 0) {
  let crc = ~before;
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 255] ^ crc >>> 8;
  return ~crc >>> 0;
}

/** A chunk: its type of four letters, and its payload. */
function chunk(type, payload) {
  const bytes = new Uint8Array(payload.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, payload.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(payload, 8);
  view.setUint32(payload.length + 8, crc32(bytes.subarray(4, payload.length + 8)));
  return bytes;
}

/** `bytes` as zlib makes them. */
export async function deflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** How samples become those of a PNG, as the program does it (PNGScaling.swift): bits that repeat
 * from the left where there are more of them, and linearly where the largest sample is stated. */
export function scaling({ channels, depth, peak }) {
  const depths = channels === 1 ? [1, 2, 4, 8] : [8];
  const isStated = peak !== 2 ** depth - 1;
  const from = isStated ? Math.max(depth, 8) : depth;
  const to = depths.find((candidate) => candidate >= from) ?? 16;
  const largest = 2 ** to - 1;
  if (isStated) {
    const table = Uint16Array.from(
      { length: peak + 1 }, (_, v) => Math.floor((v * largest + Math.floor(peak / 2)) / peak));
    return { depth: to, table, significantBits: null };
  }
  if (from === to) return { depth: to, table: null, significantBits: null };
  const repeated = (sample) => {
    let [value, count] = [sample, from];
    while (count < to) [value, count] = [value * 2 ** from + sample, count + from];
    return Math.floor(value / 2 ** (count - to));
  };
  return {
    depth: to, table: Uint16Array.from({ length: peak + 1 }, (_, v) => repeated(v)),
    significantBits: new Uint8Array(channels).fill(from),
  };
}

/** Packs rows as PNG has them: several samples a byte, or two bytes a sample, the higher first. */
class Rows {
  constructor({ width, channels }, { depth, table }) {
    this.sampleCount = width * channels;
    this.depth = depth;
    this.table = table;
    this.byteCount = Math.ceil(this.sampleCount * depth / 8);
    /** Bytes from a byte to that of the pixel to its left. */
    this.step = Math.max(1, channels * depth >> 3);
  }

  /** The row that begins at `start` of `samples`, in `target`. */
  pack(samples, start, target) {
    const { sampleCount, depth, table } = this;
    if (depth === 8 && !table) {
      target.set(samples.subarray(start, start + sampleCount));
      return;
    }
    if (depth < 8) target.fill(0);
    for (let i = 0; i < sampleCount; i++) {
      const sample = table ? table[samples[start + i]] : samples[start + i];
      if (depth === 16) {
        target[2 * i] = sample >> 8;
        target[2 * i + 1] = sample;
      } else if (depth === 8) {
        target[i] = sample;
      } else {
        const bit = i * depth;
        target[bit >> 3] |= sample << 8 - depth - (bit & 7);
      }
    }
  }
}

/** The filters of PNG, each `row` less what `above` and the bytes `step` to the left suggest. */
const FILTERS = [
  (row, above, step, out) => out.set(row),
  (row, above, step, out) => {
    for (let i = 0; i < row.length; i++) out[i] = row[i] - (i < step ? 0 : row[i - step]);
  },
  (row, above, step, out) => {
    for (let i = 0; i < row.length; i++) out[i] = row[i] - above[i];
  },
  (row, above, step, out) => {
    for (let i = 0; i < row.length; i++) {
      out[i] = row[i] - ((i < step ? 0 : row[i - step]) + above[i] >> 1);
    }
  },
  (row, above, step, out) => {
    for (let i = 0; i < row.length; i++) {
      const left = i < step ? 0 : row[i - step];
      const corner = i < step ? 0 : above[i - step];
      const up = above[i];
      const toLeft = Math.abs(up - corner);
      const toUp = Math.abs(left - corner);
      const toCorner = Math.abs(left + up - 2 * corner);
      out[i] = row[i]
        - (toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner);
    }
  },
];

/** Sums of absolute values, of bytes as signed numbers. */
function cost(bytes) {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) sum += bytes[i] < 128 ? bytes[i] : 256 - bytes[i];
  return sum;
}

/** Filtered rows of all samples, some at once. */
function* filteredRows(bands, layout) {
  const { byteCount, step, sampleCount, depth } = layout;
  let [above, row] = [new Uint8Array(byteCount), new Uint8Array(byteCount)];
  const tries = FILTERS.map(() => new Uint8Array(byteCount));
  const rowsAtOnce = Math.max(1, Math.floor((1 << 18) / (byteCount + 1)));
  for (const samples of bands) {
    const rowCount = samples.length / sampleCount;
    for (let first = 0; first < rowCount; first += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, rowCount - first);
      const part = new Uint8Array(count * (byteCount + 1));
      for (let y = 0; y < count; y++) {
        layout.pack(samples, (first + y) * sampleCount, row);
        let [best, least] = [0, Infinity];
        // Neighbours say little of samples that share a byte.
        for (let filter = 0; filter < (depth < 8 ? 1 : FILTERS.length); filter++) {
          FILTERS[filter](row, above, step, tries[filter]);
          const sum = cost(tries[filter]);
          if (sum < least) [best, least] = [filter, sum];
        }
        part[y * (byteCount + 1)] = best;
        part.set(tries[best], y * (byteCount + 1) + 1);
        [above, row] = [row, above];
      }
      yield part;
    }
  }
}

/**
 * A PNG file with these samples.
 *
 * `picture` is what File.start returns, `bands` the samples from the top as arrays of whole rows.
 */
export async function png(picture, bands) {
  const { width, height, channels, transparent } = picture;
  const scaled = scaling(picture);
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([scaled.depth, [0, 4, 2, 6][channels - 1]], 8);
  const parts = [
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 0x1a, 10), chunk('IHDR', header)];
  const add = (type, payload) => parts.push(chunk(type, payload));
  const others = [];
  for (const item of picture.metadata) {
    const found = await chunks(item, deflated);
    // What the file says of its samples' bits is not so of scaled ones.
    if (found && !(found.type === 'sBIT' && scaled.table)) others.push(found);
  }
  if (scaled.significantBits) add('sBIT', scaled.significantBits);
  for (const other of others.filter(({ isLate }) => !isLate)) add(other.type, other.payload);
  if (transparent.length > 0) {
    const color = transparent.map((sample) => scaled.table ? scaled.table[sample] : sample);
    add('tRNS', Uint8Array.from(color.flatMap((sample) => [sample >> 8, sample & 255])));
  }
  const compression = new CompressionStream('deflate');
  const writing = (async () => {
    const writer = compression.writable.getWriter();
    for (const part of filteredRows(bands, new Rows(picture, scaled))) await writer.write(part);
    await writer.close();
  })();
  const reader = compression.readable.getReader();
  let [waiting, waitingCount] = [[], 0];
  const flush = () => {
    const data = new Uint8Array(waitingCount);
    let at = 0;
    for (const part of waiting) {
      data.set(part, at);
      at += part.length;
    }
    add('IDAT', data);
    [waiting, waitingCount] = [[], 0];
  };
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    waiting.push(value);
    waitingCount += value.length;
    if (waitingCount >= 1 << 20) flush();
  }
  if (waitingCount > 0) flush();
  await writing;
  for (const other of others.filter(({ isLate }) => isLate)) add(other.type, other.payload);
  add('IEND', new Uint8Array());
  return new Blob(parts, { type: 'image/png' });
}
