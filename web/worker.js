// Decodes one picture, and is ended after it: the memory of an instance never shrinks.
//
// Takes { type: 'decode', module, bytes or url, layers, keeps, modelFolder } once, and
// { type: 'save', layer } of what was kept. picture.js has what it answers.

import { Core, DecodeError, FULL, PREVIEW } from './core.js';
import { png } from './png.js';

const MODEL_CACHE = 'rdcodec-models';
/** Sides of a canvas that browsers can show, and its pixels. */
const LARGEST_SIDE = 16384;
const LARGEST_AREA = 1 << 26;

/** What was decoded, by layer, where it is to be saved. */
const kept = new Map();

async function fetched(url, what) {
  let response;
  try {
    response = await fetch(url);
  } catch {
    throw new DecodeError(`${what} cannot be fetched (${url})`);
  }
  if (!response.ok) throw new DecodeError(`${what} cannot be fetched (${url}): ${response.status}`);
  return response;
}

/** The weights of a model, from the cache where they are there. */
async function modelBytes(name, folder) {
  // Comes from a file that may say anything.
  if (!/^[0-9a-f]{16}$/.test(name)) throw new DecodeError(`there is no model "${name}"`);
  const url = new URL(`${name}.bin.gz`, folder).href;
  // Only where the page came by a secure way.
  const cache = await globalThis.caches?.open(MODEL_CACHE).catch(() => undefined);
  let response = await cache?.match(url);
  if (!response) {
    response = await fetched(url, 'the model that the picture needs');
    await cache?.put(url, response.clone()).catch(() => {});
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  // Some servers say that they have packed it, and the browser has unpacked it by now.
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Pixels as a canvas takes them: every `shrink`-th one of rows that begin at row `first`. */
function pixels(samples, picture, first, shrink) {
  const { width, channels, peak, transparent } = picture;
  const columns = Math.ceil(width / shrink);
  const start = (shrink - first % shrink) % shrink;
  const rowCount = samples.length / (width * channels);
  const rows = Math.max(0, Math.ceil((rowCount - start) / shrink));
  const out = new Uint8ClampedArray(columns * rows * 4);
  const isColor = channels > 2;
  const hasAlpha = channels % 2 === 0;
  if (isColor && !hasAlpha && peak === 255 && shrink === 1 && transparent.length === 0) {
    for (let from = 0, to = 0; from < samples.length; from += 3, to += 4) {
      out[to] = samples[from];
      out[to + 1] = samples[from + 1];
      out[to + 2] = samples[from + 2];
      out[to + 3] = 255;
    }
    return { out, rows, columns };
  }
  const scale = 255 / peak;
  let to = 0;
  for (let y = start; y < rowCount; y += shrink) {
    for (let x = 0; x < width; x += shrink, to += 4) {
      const from = (y * width + x) * channels;
      const color = [samples[from], samples[isColor ? from + 1 : from],
        samples[isColor ? from + 2 : from]];
      const isHidden = transparent.length > 0 && transparent.every((v, c) => v === color[c]);
      for (let c = 0; c < 3; c++) out[to + c] = color[c] * scale;
      out[to + 3] = hasAlpha ? samples[from + channels - 1] * scale : isHidden ? 0 : 255;
    }
  }
  return { out, rows, columns };
}

/** Starts a layer, with the model that it needs. */
async function started(core, file, layer, folder) {
  const name = file.info.modelIdentifier;
  const load = async () => core.addModel(name, await modelBytes(name, folder));
  const isExact = layer === FULL && (file.hasBoth || !file.hasPreview);
  if (!isExact && name !== '' && !core.hasModel(name)) await load();
  try {
    return file.start(layer, name);
  } catch (error) {
    // Some exact pictures do not need the model of their preview: so they are tried without it.
    if (!(error instanceof DecodeError) || name === '' || core.hasModel(name)) throw error;
    await load();
    return file.start(layer, name);
  }
}

function decodeLayer(file, layer, picture, keeps) {
  const { width, height } = picture;
  let shrink = 1;
  while (
    Math.ceil(width / shrink) > LARGEST_SIDE || Math.ceil(height / shrink) > LARGEST_SIDE
    || width * height / shrink ** 2 > LARGEST_AREA
  ) shrink++;
  postMessage({
    type: 'layer', layer, width, height, channels: picture.channels, depth: picture.depth,
    columns: Math.ceil(width / shrink), rows: Math.ceil(height / shrink),
  });
  const bands = [];
  file.decode((samples, first) => {
    if (keeps) bands.push(samples.slice());
    const { out, rows, columns } = pixels(samples, picture, first, shrink);
    const top = Math.ceil(first / shrink);
    postMessage({ type: 'band', layer, top, rows, columns, pixels: out.buffer }, [out.buffer]);
  }, (done, all) => postMessage({ type: 'progress', layer, done, all }));
  if (keeps) kept.set(layer, { picture, bands });
}

async function decode({ module, bytes, url, layers, keeps, modelFolder }) {
  const data = bytes ?? new Uint8Array(
    await (await fetched(url, 'the picture')).arrayBuffer().catch(() => {
      throw new DecodeError(`the picture cannot be fetched (${url})`);
    }));
  const core = new Core(module);
  const file = core.open(data);
  postMessage({
    type: 'info', info: file.info, byteCount: data.length, hasBoth: file.hasBoth,
    hasPreview: file.hasPreview,
  });
  for (const layer of ['preview', 'full']) {
    // Where there is one image only, it is all there is.
    const isWanted = layers.includes(layer) && (layer === 'full' || file.hasBoth);
    const isOnly = layer === 'full' && !layers.includes('full') && !file.hasBoth;
    if (!isWanted && !isOnly) continue;
    const start = performance.now();
    const picture = await started(core, file, layer === 'preview' ? PREVIEW : FULL, modelFolder);
    decodeLayer(file, layer, picture, keeps);
    postMessage({
      type: 'decoded', layer, milliseconds: performance.now() - start,
      memoryByteCount: core.memoryByteCount,
    });
  }
  file.close();
  postMessage({ type: 'done' });
}

async function save({ layer }) {
  const { picture, bands } = kept.get(layer);
  postMessage({ type: 'saved', layer, blob: await png(picture, bands) });
}

/** Samples as they are, for who wants them. */
function samples({ layer }) {
  const { picture, bands } = kept.get(layer);
  postMessage({ type: 'samples', layer, picture, bands });
}

addEventListener('message', async ({ data }) => {
  try {
    await { decode, save, samples }[data.type](data);
  } catch (error) {
    const message = error instanceof DecodeError ? error.message
      : error instanceof RangeError || error instanceof WebAssembly.RuntimeError
        ? 'there is not enough memory for this picture, or the decoder stopped'
        : `${error.message ?? error}`;
    postMessage({ type: 'failed', message });
  }
});
