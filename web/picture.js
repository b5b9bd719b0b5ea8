// Pictures that workers decode, a few at a time.

import { compileCore } from './core.js';

const here = import.meta.url;
let compiled;

/** The decoder's module, compiled once. */
function coreModule() {
  compiled ??= compileCore(new URL('core.wasm', here));
  return compiled;
}

/** Gets the decoder ready before there is a picture; a failure is told of the first. */
export function prepare() { coreModule().catch(() => {}); }

/** Workers that run at once. */
const most = Math.max(1, Math.min(4, navigator.hardwareConcurrency || 2));
let running = 0;
const waiting = [];

function runNext() {
  while (running < most && waiting.length > 0) {
    running++;
    waiting.shift()();
  }
}

/**
 * A picture that is decoded in a worker of its own, once it is its turn.
 *
 * `source` is { bytes } or { url }. `layers` names what is wanted, 'preview' or 'full' or both;
 * where a file has one image only, that comes as 'full'. `handlers` may have one function for each
 * answer, which gets it: info { info, byteCount, hasBoth }, layer { layer, width, height, columns,
 * rows }, band { layer, top, rows, columns, pixels }, progress { layer, done, all },
 * decoded { layer, milliseconds }, done, failed { message }.
 *
 * `keeps` says whether it is kept for `save`; then the worker lives until `close`.
 */
export class Picture {
  #worker = null;
  #isClosed = false;
  #isRunning = false;
  #handlers;
  #answers = new Map();

  constructor(source, { layers = ['preview', 'full'], keeps = false, handlers = {} } = {}) {
    this.#handlers = handlers;
    const start = async () => {
      this.#isRunning = true;
      try {
        if (this.#isClosed) return;
        const module = await coreModule();
        if (this.#isClosed) return;
        this.#start({
          type: 'decode', module, layers, keeps, ...source,
          modelFolder: new URL('models/', here).href,
        });
      } catch (error) {
        this.#finish({ type: 'failed', message: error.message });
      }
    };
    waiting.push(start);
    this.cancelWaiting = () => {
      const place = waiting.indexOf(start);
      if (place >= 0) waiting.splice(place, 1);
    };
    runNext();
  }

  #start(message) {
    this.#worker = new Worker(new URL('worker.js', here), { type: 'module' });
    this.#worker.addEventListener('message', ({ data }) => {
      const ends = data.type === 'failed' || data.type === 'done';
      if (ends) this.#finish(data, message.keeps);
      else if (this.#answers.has(data.type)) this.#answers.get(data.type)(data);
      else this.#handlers[data.type]?.(data);
    });
    this.#worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.#finish({ type: 'failed', message: event.message || 'the worker cannot be started' });
    });
    this.#worker.postMessage(message);
  }

  /** Hands its turn on. */
  #release() {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    running--;
    runNext();
  }

  #finish(answer, keepsWorker = false) {
    if (this.#isClosed) return;
    this.#release();
    if (!keepsWorker || answer.type === 'failed') this.close();
    this.#handlers[answer.type]?.(answer);
  }

  /** What the worker answers as `type` to a message. */
  #asked(message, type) {
    return new Promise((resolve) => {
      this.#answers.set(type, (data) => {
        this.#answers.delete(type);
        resolve(data);
      });
      this.#worker.postMessage(message);
    });
  }

  /** The layer as a PNG file, of a picture that is kept. */
  async save(layer) { return (await this.#asked({ type: 'save', layer }, 'saved')).blob; }

  /** Its samples: { picture: { width, height, channels, depth, peak, … }, bands }. */
  async samples(layer) { return this.#asked({ type: 'samples', layer }, 'samples'); }

  /** Ends the worker, whatever it is at; nothing is answered any more. */
  close() {
    this.#isClosed = true;
    this.cancelWaiting();
    this.#worker?.terminate();
    this.#worker = null;
    this.#release();
  }
}

/** Draws what `layer` and `band` say on a canvas. */
export function drawing(canvas) {
  let context;
  return {
    layer({ columns, rows }) {
      // Setting a size clears the canvas, even to the same one: what a preview drew stays.
      if (canvas.width !== columns || canvas.height !== rows) {
        [canvas.width, canvas.height] = [columns, rows];
      }
      context = canvas.getContext('2d');
    },
    band({ top, rows, columns, pixels }) {
      if (rows === 0) return;
      context.putImageData(new ImageData(new Uint8ClampedArray(pixels), columns, rows), 0, top);
    },
  };
}
