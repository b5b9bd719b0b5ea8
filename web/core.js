// The decoder core, as its C header says (Sources/DecoderCoreC/rdc_core.h): bytes in, rows of
// samples out. Knows neither pages nor workers.

const FAILED = -1;
const ROWS = 2;
const WIDTH = 0;
const HEIGHT = 1;
const HAS_PREVIEW = 3;
const CHANNELS = 4;
const DEPTH = 5;
const PEAK = 6;
const ROW_WIDTH = 7;
const ROW_COUNT = 8;
const ROWS_COUNT = 9;
const ROWS_FIRST = 10;
const STEPS_DONE = 11;
const STEP_COUNT = 12;
const METADATA_COUNT = 13;
const TRANSPARENT_COUNT = 14;

export const PREVIEW = 0;
export const FULL = 1;

/** A file that cannot be decoded, in the decoder's words. */
export class DecodeError extends Error {}

/** Compiles the module while it arrives. */
export async function compileCore(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the decoder (${url}) cannot be loaded: ${response.status}`);
  // Streaming asks for a MIME type that not every server gives.
  if (response.headers.get('Content-Type') === 'application/wasm') {
    return WebAssembly.compileStreaming(response);
  }
  return WebAssembly.compile(await response.arrayBuffer());
}

/** An instance of the module with a memory of its own, which never shrinks. */
export class Core {
  #exports;
  #models = new Map();

  constructor(module) {
    this.#exports = new WebAssembly.Instance(module).exports;
    // So that nobody can make a file whose hashes all collide.
    crypto.getRandomValues(this.bytes(this.#exports.rdc_seed(), 32));
  }

  get exports() { return this.#exports; }

  get memoryByteCount() { return this.#exports.memory.buffer.byteLength; }

  bytes(at, count) { return new Uint8Array(this.#exports.memory.buffer, at >>> 0, count); }

  text(at) {
    if (at === 0) return null;
    const rest = new Uint8Array(this.#exports.memory.buffer, at >>> 0);
    return new TextDecoder().decode(rest.subarray(0, rest.indexOf(0)));
  }

  /** What `use` returns of a copy of `bytes` in the module's memory. */
  with(bytes, use) {
    const at = this.#exports.malloc(bytes.length);
    if (at === 0) throw new DecodeError('there is not enough memory for the file');
    this.bytes(at, bytes.length).set(bytes);
    const result = use(at, bytes.length);
    this.#exports.free(at);
    return result;
  }

  /** Reads weights, which from then on are found by `name`. */
  addModel(name, bytes) {
    const model = this.with(bytes, this.#exports.rdc_model_open);
    const error = this.text(this.#exports.rdc_model_error(model));
    if (error !== null) throw new DecodeError(error);
    this.#models.set(name, model);
  }

  hasModel(name) { return this.#models.has(name); }

  model(name) { return this.#models.get(name) ?? 0; }

  open(bytes) { return new File(this, this.with(bytes, this.#exports.rdc_open)); }
}

/** A file that was opened. */
class File {
  #core;
  #decoder;

  constructor(core, decoder) {
    this.#core = core;
    this.#decoder = decoder;
    this.#check();
    /** What `rdcodec info --json` says. */
    this.info = JSON.parse(core.text(core.exports.rdc_info(decoder)));
  }

  #get(what) { return this.#core.exports.rdc_get(this.#decoder, what) >>> 0; }

  #check() {
    const error = this.#core.text(this.#core.exports.rdc_error(this.#decoder));
    if (error !== null) throw new DecodeError(error);
  }

  get width() { return this.#get(WIDTH); }
  get height() { return this.#get(HEIGHT); }
  get hasPreview() { return this.#get(HAS_PREVIEW) === 1; }
  /** Whether there is an exact or nearly exact image beside the preview. */
  get hasBoth() {
    return this.hasPreview && (this.info.isLossless || this.info.maximumError > 0);
  }

  /** Chooses a layer, with the model that the file names or without one. */
  start(layer, modelName) {
    const { exports } = this.#core;
    const model = this.#core.model(modelName);
    if (exports.rdc_start(this.#decoder, model, layer, 0, 0, 0, 0) === FAILED) this.#check();
    const transparent = Array.from(
      { length: this.#get(TRANSPARENT_COUNT) }, (_, i) => this.#get(TRANSPARENT_COUNT + 1 + i));
    return {
      width: this.#get(ROW_WIDTH), height: this.#get(ROW_COUNT), channels: this.#get(CHANNELS),
      depth: this.#get(DEPTH), peak: this.#get(PEAK), transparent, metadata: this.#metadata(),
    };
  }

  /** Does all steps: calls `rows(samples, first, count)` with what the next step overwrites, and
   * `step(done, all)`. Samples lie side by side, in bytes up to a depth of 8, else in two. */
  decode(rows, step = () => {}) {
    const { exports } = this.#core;
    const [width, channels] = [this.#get(ROW_WIDTH), this.#get(CHANNELS)];
    const Samples = this.#get(DEPTH) > 8 ? Uint16Array : Uint8Array;
    for (;;) {
      const state = exports.rdc_step(this.#decoder);
      if (state === FAILED) this.#check();
      if (state === ROWS) {
        const count = this.#get(ROWS_COUNT);
        const at = exports.rdc_rows(this.#decoder) >>> 0;
        rows(
          new Samples(exports.memory.buffer, at, count * width * channels),
          this.#get(ROWS_FIRST), count);
      }
      if (state <= 0) return;
      step(this.#get(STEPS_DONE), this.#get(STEP_COUNT));
    }
  }

  #metadata() {
    const { exports } = this.#core;
    const place = exports.malloc(4);
    const items = [];
    for (let index = 0; index < this.#get(METADATA_COUNT); index++) {
      const at = exports.rdc_metadata(this.#decoder, index, place);
      const [count] = new Uint32Array(exports.memory.buffer, place, 1);
      items.push(this.#core.bytes(at, count).slice());
    }
    exports.free(place);
    return items;
  }

  close() { this.#core.exports.rdc_close(this.#decoder); }
}
