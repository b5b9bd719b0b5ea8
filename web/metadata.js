// Metadata of an image (docs/FORMAT.md, metadata boxes) as chunks of a PNG file, as the program
// writes them (PNGMetadata.swift).

/** Reads what a box holds. */
class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  uint8() { return this.bytes[this.at++]; }

  take(count) {
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  /** Groups of seven bits, lowest first. */
  varint() {
    for (let [value, scale] = [0, 1]; ; scale *= 128) {
      const byte = this.uint8();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  /** Bytes after their number. */
  string() { return this.take(this.varint()); }

  rest() { return this.take(this.bytes.length - this.at); }

  /** Numbers of so many bytes, lowest first in the box and highest first in PNG. */
  numbers(size, count) {
    const turned = new Uint8Array(size * count);
    for (let i = 0; i < count; i++) turned.set(this.take(size).slice().reverse(), size * i);
    return turned;
  }
}

function joined(...parts) {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const ascii = (text) => new TextEncoder().encode(text);

/** Latin-1 of UTF-8; null where it has other characters. */
function latin1(bytes) {
  const codes = [...new TextDecoder().decode(bytes)].map((letter) => letter.codePointAt(0));
  return codes.every((code) => code < 256) ? Uint8Array.from(codes) : null;
}

async function textChunk({ keyword, text, language, translated, isInternational, isCompressed },
  deflated) {
  const name = latin1(keyword);
  const start = joined(name?.length > 0 ? name : ascii('Comment'), [0]);
  const plain = isInternational ? null : latin1(text);
  if (plain && isCompressed) {
    return { type: 'zTXt', payload: joined(start, [0], await deflated(plain)) };
  }
  if (plain) return { type: 'tEXt', payload: joined(start, plain) };
  return {
    type: 'iTXt',
    payload: joined(
      start, [isCompressed ? 1 : 0, 0], language, [0], translated, [0],
      isCompressed ? await deflated(text) : text),
  };
}

const none = new Uint8Array();

/** The content of each kind, by its number. */
const KINDS = {
  async 1(reader, deflated) {
    const name = latin1(reader.string());
    return {
      type: 'iCCP',
      payload: joined(
        name?.length > 0 ? name : ascii('ICC profile'), [0, 0], await deflated(reader.rest())),
    };
  },
  2: (reader) => ({ type: 'eXIf', payload: reader.rest() }),
  3(reader, deflated) {
    const isCompressed = reader.uint8() === 1;
    return textChunk({
      keyword: ascii('XML:com.adobe.xmp'), text: reader.rest(), language: none, translated: none,
      isInternational: true, isCompressed,
    }, deflated);
  },
  4: (reader) => ({ type: 'cICP', payload: reader.rest() }),
  5: (reader) => ({ type: 'pHYs', payload: joined(reader.numbers(4, 2), reader.rest()) }),
  6: (reader) => ({ type: 'gAMA', payload: reader.numbers(4, 1) }),
  7: (reader) => ({ type: 'cHRM', payload: reader.numbers(4, 8) }),
  8: (reader) => ({ type: 'sRGB', payload: reader.rest() }),
  9: (reader) => ({
    type: 'bKGD', payload: reader.numbers(2, (reader.bytes.length - reader.at) / 2) }),
  // An index into a palette that is no more.
  10: () => null,
  11: (reader) => ({ type: 'sBIT', payload: reader.rest() }),
  12(reader, deflated) {
    const flags = reader.uint8();
    const isInternational = (flags & 2) !== 0;
    const keyword = reader.string();
    const language = isInternational ? reader.string() : none;
    const translated = isInternational ? reader.string() : none;
    return textChunk({
      keyword, text: reader.rest(), language, translated, isInternational,
      isCompressed: (flags & 1) !== 0,
    }, deflated);
  },
  13: (reader) => ({ type: 'tIME', payload: joined(reader.numbers(2, 1), reader.rest()) }),
  63(reader) {
    // The one format whose own bytes there are is PNG.
    reader.uint8();
    return { type: new TextDecoder().decode(reader.take(4)), payload: reader.rest() };
  },
};

/** The chunk for an item, and whether it stands behind the image; null where PNG has none. */
export async function chunks(item, deflated) {
  const reader = new Reader(item);
  const first = reader.uint8();
  reader.varint();
  const chunk = await KINDS[first & 63]?.(reader, deflated);
  return chunk ? { ...chunk, isLate: first >> 6 === 2 } : null;
}
