// The page: chooses a picture, shows its layers and facts, and saves it.

import { drawing, Picture, prepare } from './picture.js';

const element = (id) => document.getElementById(id);
const panes = Object.fromEntries(['preview', 'full'].map((layer) => {
  const figure = element(`pane-${layer}`);
  return [layer, {
    figure, scroll: figure.querySelector('.scroll'), canvas: figure.querySelector('canvas'),
    caption: figure.querySelector('figcaption'),
  }];
}));
const viewButtons = [...document.querySelectorAll('[data-view]')];
const number = new Intl.NumberFormat('en');

/** The picture that is shown. */
let picture = null;
let name = '';
let info = null;
let hasBoth = false;
let view = 'full';
/** Screen pixels of a pixel; null: as it fits. */
let zoom = null;
const decoded = new Set();

// MARK: What is said

function say(text) { element('status').textContent = text; }

function fail(text) {
  element('failure').textContent = text;
  element('progress').hidden = true;
  if (text) say('');
}

function addField(term, text) {
  const [dt, dd] = [document.createElement('dt'), document.createElement('dd')];
  dt.textContent = term;
  dd.textContent = text;
  element('fields').append(dt, dd);
}

function mode() {
  if (info.isLossless) return info.keepsJPEG ? 'lossless, a JPEG file byte for byte' : 'lossless';
  return info.maximumError > 0 ? `every sample within ${info.maximumError}` : 'lossy';
}

/** What `rdcodec info` says. */
function showFacts(byteCount) {
  const pixelCount = info.width * info.height;
  const perPixel = (count) => (count * 8 / pixelCount).toFixed(4);
  element('fields').replaceChildren();
  addField('File', name);
  addField('Size', `${info.width} × ${info.height}`);
  addField('Colour', `${info.colorType}, ${info.depth} bits`);
  addField('Mode', mode());
  if (info.colorRange) addField('Range of colours', info.colorRange.join(' to '));
  if (info.latentReduction > 0) {
    const what = hasBoth ? 'preview' : 'latents';
    addField(`Quality of the ${what}`, info.quality.toFixed(1));
    addField(`Scale of the ${what}`, `1:${info.latentReduction}`);
    addField('Model', info.modelIdentifier);
  } else {
    addField('Preview', 'none');
  }
  addField('Source', info.source);
  addField('Metadata', [...new Set(info.metadataTypes)].join(', ') || 'none');
  addField('Bytes', byteCount === info.byteCount ? number.format(byteCount)
    : `${number.format(byteCount)} of ${number.format(info.byteCount)}`);
  addField('Bits per pixel', perPixel(info.byteCount));
  element('streams').replaceChildren(...info.streams.map((stream) => {
    const row = document.createElement('tr');
    const cells = [stream.name, number.format(stream.tileCount), number.format(stream.byteCount),
      perPixel(stream.byteCount)];
    for (const text of cells) {
      const cell = document.createElement('td');
      cell.textContent = text;
      row.append(cell);
    }
    return row;
  }));
  element('facts').hidden = false;
}

// MARK: What is seen

function shownLayers() { return view === 'both' ? ['preview', 'full'] : [view]; }

function currentZoom() {
  if (zoom !== null) return zoom;
  const { scroll } = panes[shownLayers()[0]];
  const fit = Math.min((scroll.clientWidth - 2) / info.width, (scroll.clientHeight - 2) / info.height);
  // As large as it fits; small pictures as they are.
  return Math.max(Math.min(fit, 1), 1 / Math.max(info.width, info.height));
}

function layOut() {
  if (!info) return;
  for (const [layer, { figure }] of Object.entries(panes)) {
    figure.hidden = !shownLayers().includes(layer);
  }
  for (const button of viewButtons) {
    button.setAttribute('aria-pressed', `${button.dataset.view === view}`);
    button.disabled = !hasBoth && button.dataset.view !== 'full';
  }
  const scale = currentZoom();
  for (const { canvas } of Object.values(panes)) {
    canvas.style.width = `${info.width * scale}px`;
    canvas.style.height = `${info.height * scale}px`;
    canvas.classList.toggle('enlarged', scale * devicePixelRatio >= 2);
  }
  element('zoom').value = `${Number((scale * 100).toPrecision(3))} %`;
  element('save').disabled = !decoded.has(saved());
}

function setZoom(value) {
  const before = currentZoom();
  const { scroll } = panes[shownLayers()[0]];
  const middle = [scroll.scrollLeft + scroll.clientWidth / 2, scroll.scrollTop + scroll.clientHeight / 2];
  zoom = value === null ? null : Math.min(32, Math.max(1 / 64, value));
  layOut();
  const ratio = currentZoom() / before;
  for (const pane of Object.values(panes)) {
    pane.scroll.scrollLeft = middle[0] * ratio - pane.scroll.clientWidth / 2;
    pane.scroll.scrollTop = middle[1] * ratio - pane.scroll.clientHeight / 2;
  }
}

function setView(value) {
  view = value;
  layOut();
}

// MARK: What is decoded

function show(source, label) {
  picture?.close();
  [name, info, hasBoth, view, zoom] = [label, null, false, 'full', null];
  decoded.clear();
  fail('');
  element('facts').hidden = true;
  element('viewer').hidden = true;
  element('empty').hidden = false;
  element('save').disabled = true;
  document.title = `${label} – rdcodec viewer`;
  say(`Reading ${label} …`);
  const progress = element('progress');
  const start = performance.now();
  const draw = Object.fromEntries(
    Object.entries(panes).map(([layer, { canvas }]) => [layer, drawing(canvas)]));
  /** The preview stands where the picture will be, until that comes over it. */
  const targets = (layer) => layer === 'preview' ? [draw.preview, draw.full] : [draw.full];
  picture = new Picture(source, {
    keeps: true,
    handlers: {
      info(answer) {
        ({ info, hasBoth } = answer);
        element('empty').hidden = true;
        element('viewer').hidden = false;
        showFacts(answer.byteCount);
        for (const { canvas } of Object.values(panes)) [canvas.width, canvas.height] = [1, 1];
        panes.full.canvas.setAttribute('aria-label', `${label}, ${info.width} by ${info.height} pixels`);
        panes.full.caption.textContent = info.isLossless ? 'Picture, exact' : 'Picture';
        panes.preview.caption.textContent = 'Preview';
        layOut();
        progress.hidden = false;
        progress.value = 0;
      },
      layer(answer) {
        for (const target of targets(answer.layer)) target.layer(answer);
        say(answer.layer === 'preview' ? 'Decoding the preview …' : 'Decoding the picture …');
        layOut();
      },
      band(answer) {
        for (const target of targets(answer.layer)) target.band(answer);
        performance.mark(`rdc-band-${answer.layer}`);
      },
      progress({ done, all }) { progress.value = done / all; },
      decoded({ layer, milliseconds }) {
        decoded.add(layer);
        performance.mark(`rdc-${layer}`);
        const seconds = `${(milliseconds / 1000).toFixed(2)} s`;
        panes[layer].caption.textContent += `, decoded in ${seconds}`;
        if (layer === 'full' && hasBoth) {
          panes.preview.caption.textContent +=
            `, ${number.format(previewByteCount())} of ${number.format(info.byteCount)} bytes`;
        }
        layOut();
      },
      done() {
        progress.hidden = true;
        say(`${label}: ${info.width} × ${info.height}, shown in ${((performance.now() - start) / 1000).toFixed(2)} s.`);
        layOut();
      },
      failed({ message }) {
        fail(`${label}: ${message}`);
        panes.full.caption.textContent = 'Picture, damaged';
        if (decoded.has('preview') && !decoded.has('full')) {
          say('What is shown is the preview.');
          panes.full.caption.textContent = 'Preview, where the picture should be';
        }
        picture = null;
        element('save').disabled = true;
      },
    },
  });
}

function previewByteCount() {
  return info.streams.slice(0, 2).reduce((sum, stream) => sum + stream.byteCount, 0);
}

/** What the button saves. */
function saved() { return view === 'preview' ? 'preview' : 'full'; }

async function save() {
  const layer = saved();
  const [current, label] = [picture, name];
  element('save').disabled = true;
  say('Writing the PNG file …');
  const blob = await current.save(layer);
  if (current !== picture) return;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = `${label.replace(/\.rdc$/i, '')}${layer === 'preview' ? '-preview' : ''}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  say(`Saved as ${link.download}, ${number.format(blob.size)} bytes.`);
  layOut();
}

async function showFile(file) {
  try {
    show({ bytes: new Uint8Array(await file.arrayBuffer()) }, file.name);
  } catch (error) {
    fail(`${file.name}: ${error.message}`);
  }
}

function showLink(address) {
  if (!URL.canParse(address, document.baseURI)) {
    fail(`${address} is no address`);
    return;
  }
  const url = new URL(address, document.baseURI);
  show({ url: url.href }, decodeURIComponent(url.pathname.split('/').pop()) || url.host);
}

// MARK: What is done

prepare();
element('file').addEventListener('change', ({ target }) => {
  if (target.files.length > 0) showFile(target.files[0]);
  target.value = '';
});
element('link').addEventListener('submit', (event) => {
  event.preventDefault();
  const address = element('address').value.trim();
  if (address) showLink(address);
});
for (const button of viewButtons) {
  button.addEventListener('click', () => setView(button.dataset.view));
}
element('zoom-in').addEventListener('click', () => setZoom(currentZoom() * Math.SQRT2));
element('zoom-out').addEventListener('click', () => setZoom(currentZoom() / Math.SQRT2));
element('zoom-fit').addEventListener('click', () => setZoom(null));
element('zoom-one').addEventListener('click', () => setZoom(1 / devicePixelRatio));
element('save').addEventListener('click', save);

addEventListener('keydown', (event) => {
  if (!info || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target instanceof HTMLInputElement) return;
  const id = { '+': 'zoom-in', '=': 'zoom-in', '-': 'zoom-out', 0: 'zoom-fit', 1: 'zoom-one' }[event.key];
  if (id) element(id).click();
});

addEventListener('dragover', (event) => {
  event.preventDefault();
  document.body.classList.add('dropping');
});
addEventListener('dragleave', (event) => {
  if (event.relatedTarget === null) document.body.classList.remove('dropping');
});
addEventListener('drop', (event) => {
  event.preventDefault();
  document.body.classList.remove('dropping');
  const [file] = event.dataTransfer.files;
  if (file) showFile(file);
});

for (const { scroll } of Object.values(panes)) {
  scroll.addEventListener('scroll', () => {
    for (const other of Object.values(panes)) {
      if (other.scroll === scroll) continue;
      other.scroll.scrollLeft = scroll.scrollLeft;
      other.scroll.scrollTop = scroll.scrollTop;
    }
  }, { passive: true });
}
new ResizeObserver(() => { if (zoom === null) layOut(); }).observe(element('panes'));

if (navigator.serviceWorker && isSecureContext) navigator.serviceWorker.register('sw.js').catch(() => {});

const src = new URLSearchParams(location.search).get('src');
if (src) {
  element('address').value = src;
  showLink(src);
}
