// Writes a small PNG file of 16 bits with alpha and all that one may say beside its picture:
// annotated.mjs FILE
import { writeFileSync } from 'node:fs';
import { crc32 as zlibCRC, deflateSync } from 'node:zlib';

const text = (words) => Buffer.from(words, 'latin1');
const joined = (...parts) => Buffer.concat(parts.map((part) => typeof part === 'string' ? text(part) : Buffer.from(part)));

function crc32(bytes) {
  if (zlibCRC) return zlibCRC(bytes);
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >>> 1 ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

function chunk(type, payload) {
  const body = joined(type, payload);
  const [count, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
  count.writeUInt32BE(payload.length);
  crc.writeUInt32BE(crc32(body));
  return joined(count, body, crc);
}

const numbers = (...values) => Buffer.concat(values.map((value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}));

const [width, height] = [40, 30];
const rows = Buffer.alloc(height * (width * 8 + 1));
for (let y = 0; y < height; y++) {
  for (let x = 0; x < width; x++) {
    [x * 1638, y * 2184, (x * y * 97) & 65535, (x + y) * 900].forEach((value, channel) => {
      rows.writeUInt16BE(value, y * (width * 8 + 1) + 1 + 8 * x + 2 * channel);
    });
  }
}
writeFileSync(process.argv[2], joined(
  [0x89, 0x50, 0x4e, 0x47, 13, 10, 0x1a, 10],
  chunk('IHDR', joined(numbers(width, height), [16, 6, 0, 0, 0])),
  chunk('gAMA', numbers(45455)),
  chunk('cHRM', numbers(31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)),
  chunk('sRGB', Buffer.from([1])),
  chunk('sBIT', Buffer.from([12, 12, 12, 16])),
  chunk('bKGD', Buffer.from([1, 2, 3, 4, 5, 6])),
  chunk('pHYs', joined(numbers(2835, 2835), [1])),
  chunk('tIME', Buffer.from([7, 234, 11, 30, 23, 59, 58])),
  chunk('tEXt', joined('Title\0A test')),
  chunk('zTXt', joined('Comment\0\0', deflateSync(text('caf\xe9 '.repeat(50))))),
  chunk('iTXt', joined('Author\0\0\0de\0Autor\0', Buffer.from('Žofie'))),
  chunk('eXIf', joined('II*\0\x08\0\0\0\0\0\0\0\0\0')),
  chunk('prVt', joined('nobody knows')),
  chunk('IDAT', deflateSync(rows)),
  chunk('tEXt', joined('Software\0at the end')),
  chunk('IEND', Buffer.alloc(0))));
