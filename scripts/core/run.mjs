// Decodes rdc files with the core as WebAssembly: run.mjs MODULE MODEL ... -- FOLDER FILE.rdc ...
//
// Writes what each file's preview, all of it and a part of that give into the folder, as
// NAME.preview.pam and so on, or NAME.preview.txt with the reason why not. main.c does the same for the core as a program.
import { randomFillSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const [moduleFile, ...rest] = process.argv.slice(2);
const modelFiles = rest.slice(0, rest.indexOf('--'));
const [folder, ...files] = rest.slice(rest.indexOf('--') + 1);
const { instance } = await WebAssembly.instantiate(readFileSync(moduleFile));
const core = instance.exports;
randomFillSync(new Uint8Array(core.memory.buffer, core.rdc_seed(), 32));

// As in rdc_core.h.
const FAILED = -1, ROWS = 2;
const MODEL = 2;
const [CHANNELS, DEPTH, PEAK, ROW_WIDTH, ROW_COUNT, ROWS_COUNT] = [4, 5, 6, 7, 8, 9];

/// Calls `use` with the bytes in the module's memory.
function withBytes(bytes, use) {
  const at = core.malloc(bytes.length);
  new Uint8Array(core.memory.buffer).set(bytes, at);
  const result = use(at, bytes.length);
  core.free(at);
  return result;
}

function text(at) {
  const bytes = new Uint8Array(core.memory.buffer, at);
  return Buffer.from(bytes.subarray(0, bytes.indexOf(0))).toString();
}

const models = new Map();

/// The model of this name; 0 where it is not needed, or not there.
function model(name) {
  for (const file of modelFiles) {
    if (models.has(name)) break;
    const opened = withBytes(readFileSync(file), core.rdc_model_open);
    if (core.rdc_model_error(opened)) throw new Error(text(core.rdc_model_error(opened)));
    models.set(core.rdc_model_name(opened) >>> 0, opened);
  }
  return models.get(name) ?? 0;
}

function decode(decoder, layer, isPart) {
  const get = (what) => core.rdc_get(decoder, what) >>> 0;
  const region = isPart ? [5, 3, 20, 11] : [0, 0, 0, 0];
  if (core.rdc_start(decoder, model(get(MODEL)), layer, ...region) === FAILED) return null;
  const size = get(DEPTH) > 8 ? 2 : 1;
  const type = (get(DEPTH) === 1 ? 'BLACKANDWHITE' : 'GRAYSCALE');
  const tuple = [type, `${type}_ALPHA`, 'RGB', 'RGB_ALPHA'][get(CHANNELS) - 1];
  const parts = [Buffer.from(
    `P7\nWIDTH ${get(ROW_WIDTH)}\nHEIGHT ${get(ROW_COUNT)}\nDEPTH ${get(CHANNELS)}\n` +
    `MAXVAL ${get(PEAK)}\nTUPLTYPE ${tuple}\nENDHDR\n`)];
  for (;;) {
    const state = core.rdc_step(decoder);
    if (state === FAILED) return null;
    if (state === ROWS) {
      const count = get(ROWS_COUNT) * get(ROW_WIDTH) * get(CHANNELS) * size;
      const rows = Buffer.from(
        new Uint8Array(core.memory.buffer, core.rdc_rows(decoder), count).slice());
      parts.push(size === 2 ? rows.swap16() : rows);
    }
    if (state <= 0) return Buffer.concat(parts);
  }
}

let [pixels, milliseconds] = [0, 0];
for (const file of files) {
  const decoder = withBytes(readFileSync(file), core.rdc_open);
  for (const [kind, name] of ['preview', 'full', 'part'].entries()) {
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
