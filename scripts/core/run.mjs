// Decodes rdc files with the core as WebAssembly: run.mjs MODULE MODEL ... -- FOLDER FILE.rdc ...
//
// Writes what each file's preview, all of it and a part of that give into the folder, as
// NAME.preview.pam and so on, or NAME.preview.txt with the reason why not; --layers in place of -- leaves out the part.
// main.c does the same for the core as a program.
import { randomFillSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const [moduleFile, ...rest] = process.argv.slice(2);
const mark = rest.findIndex((word) => word === '--' || word === '--layers');
const modelFiles = rest.slice(0, mark);
const [folder, ...files] = rest.slice(mark + 1);
const kinds = ['preview', 'full', ...(rest[mark] === '--' ? ['part'] : [])];
const { instance } = await WebAssembly.instantiate(readFileSync(moduleFile));
const core = instance.exports;
randomFillSync(new Uint8Array(core.memory.buffer, core.rdc_seed(), 32));

// As in rdc_core.h.
const FAILED = -1, ROWS = 2;
const MODEL = 2;
const [CHANNELS, DEPTH, PEAK, ROW_WIDTH, ROW_COUNT, ROWS_COUNT] = [4, 5, 6, 7, 8, 9];
const [TRANSPARENT_COUNT, TRANSPARENT_0] = [14, 15];

/// Calls `use` with the bytes in the module's memory.
function withBytes(bytes, use) {
  const at = core.malloc(bytes.length);
  new Uint8Array(core.memory.buffer).set(bytes, at >>> 0);
  const result = use(at, bytes.length);
  core.free(at);
  return result;
}

function text(at) {
  const bytes = new Uint8Array(core.memory.buffer, at >>> 0);
  return Buffer.from(bytes.subarray(0, bytes.indexOf(0))).toString();
}

const models = new Map();

/// The model of this name, of those that were named; 0 where it is not needed, or not there.
function model(name) {
  while (name !== 0 && !models.has(name) && modelFiles.length > 0) {
    const opened = withBytes(readFileSync(modelFiles.shift()), core.rdc_model_open);
    if (core.rdc_model_error(opened)) throw new Error(text(core.rdc_model_error(opened)));
    models.set(core.rdc_model_name(opened) >>> 0, opened);
  }
  return models.get(name) ?? 0;
}

/// Samples with an alpha value after each pixel: 0 where it has the transparent colour.
function withAlpha(samples, color, peak) {
  const channels = color.length;
  const out = new samples.constructor(samples.length / channels * (channels + 1));
  for (let from = 0, to = 0; from < samples.length; from += channels) {
    for (let c = 0; c < channels; c++) out[to++] = samples[from + c];
    out[to++] = color.every((value, c) => value === samples[from + c]) ? 0 : peak;
  }
  return out;
}

/// A PAM file of what a layer gives; null where it cannot be decoded.
function decode(decoder, layer, isPart) {
  const get = (what) => core.rdc_get(decoder, what) >>> 0;
  const region = isPart ? [5, 3, 20, 11] : [0, 0, 0, 0];
  if (core.rdc_start(decoder, model(get(MODEL)), layer, ...region) === FAILED) return null;
  const [depth, peak, width] = [DEPTH, PEAK, ROW_WIDTH].map(get);
  const color = Array.from({ length: get(TRANSPARENT_COUNT) }, (_, c) => get(TRANSPARENT_0 + c));
  const channels = get(CHANNELS) + (color.length > 0 ? 1 : 0);
  const type = depth === 1 ? 'BLACKANDWHITE' : 'GRAYSCALE';
  const tuple = [type, `${type}_ALPHA`, 'RGB', 'RGB_ALPHA'][channels - 1];
  const parts = [Buffer.from(
    `P7\nWIDTH ${width}\nHEIGHT ${get(ROW_COUNT)}\nDEPTH ${channels}\n` +
    `MAXVAL ${peak}\nTUPLTYPE ${tuple}\nENDHDR\n`)];
  const Samples = depth > 8 ? Uint16Array : Uint8Array;
  for (;;) {
    const state = core.rdc_step(decoder);
    if (state === FAILED) return null;
    if (state === ROWS) {
      const count = get(ROWS_COUNT) * width * get(CHANNELS);
      const rows = new Samples(core.memory.buffer, core.rdc_rows(decoder) >>> 0, count);
      const shown = color.length > 0 ? withAlpha(rows, color, peak) : rows.slice();
      parts.push(depth > 8 ? Buffer.from(shown.buffer).swap16() : Buffer.from(shown.buffer));
    }
    if (state <= 0) return Buffer.concat(parts);
  }
}

let [pixels, milliseconds] = [0, 0];
for (const file of files) {
  const decoder = withBytes(readFileSync(file), core.rdc_open);
  for (const [kind, name] of kinds.entries()) {
    const output = join(folder, `${basename(file, '.rdc')}.${name}`);
    const start = performance.now();
    const pam = decode(decoder, Math.min(kind, 1), kind === 2);
    if (pam) {
      milliseconds += performance.now() - start;
      pixels += core.rdc_get(decoder, ROW_WIDTH) * core.rdc_get(decoder, ROW_COUNT);
      writeFileSync(`${output}.pam`, pam);
    } else {
      writeFileSync(`${output}.txt`, `${text(core.rdc_error(decoder))}\n`);
    }
  }
  core.rdc_close(decoder);
}
if (process.env.TIMES) {
  const memory = core.memory.buffer.byteLength / 2 ** 20;
  console.log(`${(pixels / milliseconds / 1000).toFixed(2)} MP/s, ${memory.toFixed(0)} MiB`);
}
