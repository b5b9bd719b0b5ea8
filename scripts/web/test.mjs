// Tries the page and the element in a browser:
//
//   test.mjs chromium|firefox PROGRAM BUILT INPUTS NATIVE SHOTS
//
// INPUTS has .rdc files, NATIVE what the program makes of each: NAME.LAYER.pam, NAME.full.png and
// NAME.json, or NAME.LAYER.txt with the reason why not. Screenshots go to SHOTS. In Firefox what asks
// for the browser's own tools is left out.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { inflateSync } from 'node:zlib';

import { Chromium } from './chromium.mjs';
import { Firefox } from './firefox.mjs';
import { readPNG } from './png.mjs';
import { serve } from './server.mjs';

const [kind, program, built, inputs, native, shots] = process.argv.slice(2);
const isChromium = kind === 'chromium';
const MIB = 2 ** 20;
let failures = 0;

function check(isRight, what) {
  if (isRight) return;
  failures++;
  console.log(`  not so: ${what.slice(0, 600)}`);
}

async function test(name, body, { needsTools = false } = {}) {
  if (needsTools && !isChromium) return;
  const start = Date.now();
  const before = failures;
  let note;
  try {
    note = await body();
  } catch (error) {
    check(false, error.stack);
  }
  const result = failures === before ? 'passed' : 'FAILED';
  console.log(`${name}: ${result}${note ? `, ${note}` : ''} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
}

const names = readdirSync(inputs).filter((file) => file.endsWith('.rdc'))
  .map((file) => basename(file, '.rdc')).sort();
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Size and samples of a PAM file. */
function readPAM(file) {
  const bytes = readFileSync(file);
  const end = bytes.indexOf('ENDHDR\n') + 7;
  const field = (key) => Number(new RegExp(`^${key} (\\d+)$`, 'm').exec(bytes.subarray(0, end))[1]);
  return {
    width: field('WIDTH'), height: field('HEIGHT'), channels: field('DEPTH'), peak: field('MAXVAL'),
    samples: bytes.subarray(end),
  };
}

/** Two bytes a sample, turned where this machine and PAM differ. */
const inOrder = (samples, peak) => peak > 255 ? Buffer.from(samples).swap16() : samples;

// What pages need for the tests.
const bench = `<!doctype html><title>bench</title><link rel="icon" href="data:,"><script type="module">
import { Picture } from '/web/picture.js';
const hex = (bytes) => [...new Uint8Array(bytes)].map((b) => b.toString(16).padStart(2, '0')).join('');
const base64 = (bytes) => { let s = ''; for (const b of bytes) s += String.fromCharCode(b); return btoa(s); };
window.decode = (source, { layers = ['preview', 'full'], saves = false, keeps = true } = {}) => new Promise((resolve) => {
  const found = { layers: {} };
  const picture = new Picture(source, { layers, keeps, handlers: {
    info({ info, hasBoth }) { found.info = info; found.hasBoth = hasBoth; },
    layer({ layer, width, height, channels, depth }) { found.layers[layer] = { width, height, channels, depth }; },
    decoded({ layer, milliseconds, memoryByteCount }) { Object.assign(found.layers[layer], { milliseconds, memoryByteCount }); },
    async done() {
      for (const layer of keeps ? Object.keys(found.layers) : []) {
        const { picture: { peak }, bands } = await picture.samples(layer);
        const blob = new Blob(bands);
        Object.assign(found.layers[layer], { peak, sha256: hex(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer())) });
      }
      if (saves) found.png = base64(new Uint8Array(await (await picture.save('full')).arrayBuffer()));
      picture.close();
      resolve(found);
    },
    failed({ message }) { resolve({ ...found, error: message }); },
  } });
});
</script>`;

const gallery = `<!doctype html><title>gallery</title><link rel="icon" href="data:,"><style>rdc-img { width: 160px; margin: 4px } p { height: 1600px }</style>
<script type="module" src="/web/rdc-img.js"></script>
<div id="near"></div><p>far below</p><div id="far"></div>`;

const server = await serve({
  web: built, inputs, bench: { page: bench }, gallery: { page: gallery } });
const browser = isChromium ? new Chromium(program) : await Firefox.start(program);
mkdirSync(shots, { recursive: true });
console.log(isChromium ? (await browser.send('Browser.getVersion')).product : browser.version);

await test('samples, facts, messages and PNG files are the native ones', async () => {
  const page = await browser.open(`${server.address}/bench/`);
  await page.until('window.decode');
  let [same, refused, saved] = [0, 0, 0];
  for (const name of names) {
    const isWhole = !/-(cut|changed)$/.test(name);
    const url = `${server.address}/inputs/${name}.rdc`;
    const found = await page.value(
      `decode({ url: ${JSON.stringify(url)} }, { saves: ${isWhole} })`);
    const full = join(native, `${name}.full`);
    if (existsSync(`${full}.pam`)) {
      for (const [layer, { sha256: sum, ...size }] of Object.entries(found.layers)) {
        const expected = readPAM(join(native, `${name}.${layer}.pam`));
        check(
          sum === sha256(inOrder(expected.samples, expected.peak)) && size.width === expected.width
            && size.height === expected.height && size.channels === expected.channels
            && size.peak === expected.peak,
          `${name}, ${layer}: the same samples`);
        same++;
      }
      check('full' in found.layers, `${name}: decoded, not "${found.error}"`);
    } else {
      check(
        found.error && readFileSync(`${full}.txt`, 'utf8').includes(found.error),
        `${name}: "${found.error}" is part of ${readFileSync(`${full}.txt`, 'utf8').trim()}`);
      refused++;
    }
    if (!isWhole) continue;
    const { file, fileByteCount, isTruncated, ...info } = JSON.parse(readFileSync(join(native, `${name}.json`)));
    info.modelIdentifier = info.modelIdentifier.slice(0, 16);
    const { quality, ...others } = found.info ?? {};
    const { quality: expectedQuality, ...expected } = info;
    check(
      isDeepStrictEqual(others, expected) && Math.abs(quality - expectedQuality) < 1e-4,
      `${name}: ${JSON.stringify(others)} is ${JSON.stringify(expected)}`);
    if (!found.png) continue;
    const [mine, theirs] = [readPNG(Buffer.from(found.png, 'base64')), readPNG(readFileSync(`${full}.png`))];
    if (theirs.colorType === 3) {
      // A palette comes as the colours that it stands for.
      const { samples } = readPAM(`${full}.pam`);
      check(mine.pixels.equals(samples), `${name}: the PNG has the palette's colours`);
    } else {
      const texts = ({ chunks }) => chunks.filter(({ type }) => !['IHDR', 'IDAT', 'IEND'].includes(type))
        .map(({ type, payload }) => {
          // What is deflated may be deflated otherwise.
          const name = payload.indexOf(0);
          const plain = ['iCCP', 'zTXt'].includes(type) ? inflateSync(payload.subarray(name + 2)) : payload;
          return `${type} ${plain.toString('latin1')}`;
        }).sort().join('\n');
      check(
        mine.pixels.equals(theirs.pixels) && mine.depth === theirs.depth && mine.colorType === theirs.colorType,
        `${name}: the PNG has the program's pixels`);
      check(texts(mine) === texts(theirs), `${name}: chunks ${texts(mine)} are ${texts(theirs)}`);
    }
    saved++;
  }
  check(page.problems.length === 0, `no problems: ${page.problems.slice(0, 3)}`);
  await page.close();
  return `${same} layers, ${refused} refusals, ${saved} PNG files`;
});

await test('memory comes back after a hundred pictures', async () => {
  const page = await browser.open(`${server.address}/bench/`);
  await page.until('window.decode');
  const name = names.find((candidate) => candidate === 'lossless-rgb') ?? names[0];
  const run = (count) => page.value(`(async () => {
    for (let i = 0; i < ${count}; i++) await decode({ url: '${server.address}/inputs/${name}.rdc' }, { keeps: false });
  })()`);
  const memory = async () => {
    await page.send('HeapProfiler.collectGarbage');
    await new Promise((resolve) => { setTimeout(resolve, 1500); });
    return browser.pageMemory((id) => Number(/^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${id}/status`))[1]) * 1024);
  };
  await run(10);
  const before = await memory();
  await run(100);
  const after = await memory();
  const { targetInfos } = await browser.send('Target.getTargets', { filter: [{ type: 'worker' }] });
  check(targetInfos.length === 0, 'no worker is left');
  check(after - before < 48 * MIB, `${(after / MIB).toFixed(0)} MiB after is like ${(before / MIB).toFixed(0)} MiB before`);
  await page.close();
  return `${(before / MIB).toFixed(0)} MiB after 10, ${(after / MIB).toFixed(0)} MiB after 110`;
}, { needsTools: true });

const pageOf = (name) => `${server.address}/web/?src=${encodeURIComponent(`/inputs/${name}.rdc`)}`;
const isShown = 'document.getElementById("status").textContent.includes("shown in")';
const shoot = async (page, name) => writeFileSync(join(shots, `${kind}-${name}.png`), await page.screenshot());
const large = names.includes('photograph') ? 'photograph' : names.find((name) => name.startsWith('wavefront-1'));

await test('the page shows a picture', async () => {
  for (const dark of isChromium ? [false, true] : [false]) {
    const scheme = dark ? 'dark' : 'light';
    const page = await browser.open(`${server.address}/web/`, { dark });
    await shoot(page, `empty-${scheme}`);
    await page.go(pageOf(large));
    await page.until(isShown);
    await shoot(page, `picture-${scheme}`);
    const found = await page.value(`(() => {
      const canvas = document.querySelector('#pane-full canvas');
      const bytes = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
      return { width: canvas.width, bytes: btoa(String.fromCharCode(...bytes.subarray(0, 4096))),
        facts: document.getElementById('facts').innerText };
    })()`);
    const expected = readPAM(join(native, `${large}.full.pam`));
    const drawn = Buffer.from(found.bytes, 'base64');
    check(found.width === expected.width, 'the canvas is as wide as the picture');
    if (expected.channels === 3) {
      let isSame = true;
      for (let i = 0; i < 1024; i++) {
        for (let c = 0; c < 3; c++) isSame &&= drawn[4 * i + c] === expected.samples[3 * i + c];
      }
      check(isSame, 'the canvas shows the samples');
    }
    check(found.facts.includes('lossless'), `facts: ${found.facts}`);
    await page.value('document.querySelector("[data-view=both]").click(), true');
    await page.press('1');
    for (let i = 0; i < 5; i++) await page.press('+');
    check(await page.value('document.getElementById("zoom").value') === '566 %', 'keys zoom');
    check(await page.value('!document.getElementById("pane-preview").hidden'), 'both layers are shown');
    await shoot(page, `both-${scheme}`);
    await page.press('0');
    check(
      await page.value('(() => { const s = document.querySelector("#pane-full .scroll"); return s.scrollWidth <= s.clientWidth + 1; })()'),
      'it fits again');
    check(page.problems.length === 0, `no problems: ${page.problems}`);
    await page.close();
  }
});

await test('the page on a small screen, with transparency, and with a damaged file', async () => {
  const narrow = await browser.open(pageOf(large), { width: 390, height: 844, scale: 2 });
  await narrow.until(isShown);
  await shoot(narrow, 'narrow');
  check(await narrow.value('document.documentElement.scrollWidth <= innerWidth'), 'nothing sticks out');
  await narrow.close();
  const alpha = names.find((name) => /rgba/.test(name) && !/-(cut|changed)$/.test(name));
  const clear = await browser.open(pageOf(alpha));
  await clear.until(isShown);
  for (let i = 0; i < 6; i++) await clear.press('+');
  await shoot(clear, 'alpha');
  await clear.close();
  const damaged = `${large}-cut`;
  const page = await browser.open(pageOf(damaged), { dark: true });
  await page.until('document.getElementById("failure").textContent !== ""');
  const message = await page.value('document.getElementById("failure").textContent');
  const expected = readFileSync(join(native, `${damaged}.full.txt`), 'utf8');
  check(expected.includes(message.slice(message.indexOf(': ') + 2)), `"${message}" is in "${expected}"`);
  await shoot(page, 'damaged');
  // And then another one.
  await page.value(`(() => { document.getElementById('address').value = '/inputs/${large}.rdc';
    document.querySelector('#link button').click(); })()`);
  await page.until(isShown);
  check(await page.value('document.getElementById("failure").textContent') === '', 'the message is gone');
  await page.go(`${server.address}/web/?src=${encodeURIComponent('/web/index.html')}`);
  await page.until('document.getElementById("failure").textContent !== ""');
  const refusal = await page.value('document.getElementById("failure").textContent');
  check(refusal.endsWith('not rdc'), `a web page is no picture: ${refusal}`);
  await page.close();
}, { needsTools: true });

await test('names of controls, for who does not see them', async () => {
  const page = await browser.open(pageOf(large));
  await page.until(isShown);
  await page.send('Accessibility.enable');
  const { nodes } = await page.send('Accessibility.getFullAXTree');
  const controls = nodes.filter(({ role, ignored }) => !ignored
    && ['button', 'textbox', 'img', 'progressbar', 'region', 'table', 'toolbar', 'group'].includes(role?.value));
  const nameless = controls.filter(({ name }) => !name?.value);
  check(controls.length > 12 && nameless.length === 0, `all of ${controls.length} have names`);
  check(nodes.some(({ role }) => role?.value === 'alert') && nodes.some(({ role }) => role?.value === 'status'), 'news are announced');
  await page.close();
  return `${controls.length} controls`;
}, { needsTools: true });

await test('twenty elements on a page', async () => {
  const page = await browser.open(`${server.address}/gallery/`, { width: 900, height: 800 });
  await page.until('customElements.get("rdc-img")');
  const whole = names.filter((name) => !/-(cut|changed)$/.test(name) && existsSync(join(native, `${name}.full.pam`)));
  const shown = [...whole.filter((name) => /wavefront|photograph|lossy|drawing/.test(name)), ...whole].slice(0, 20);
  await page.value(`(() => {
    window.log = [];
    const add = (name, place, attributes, fallback = '') => {
      const image = document.createElement('rdc-img');
      for (const [key, value] of Object.entries(attributes)) image.setAttribute(key, value);
      image.innerHTML = fallback;
      image.addEventListener('load', () => log.push('load ' + name));
      image.addEventListener('error', ({ detail }) => log.push('error ' + name + ': ' + detail));
      image.id = name;
      document.getElementById(place).append(image);
    };
    for (const name of ${JSON.stringify(shown)}) add(name, 'near', { src: '/inputs/' + name + '.rdc', alt: name });
    add('missing', 'near', { src: '/inputs/none.rdc', alt: 'a picture that is not there' });
    add('damaged', 'near', { src: '/inputs/${shown[0]}-changed.rdc', alt: 'x' }, '<b>sorry</b>');
    add('preview', 'near', { src: '/inputs/${large}.rdc', alt: 'its preview', layer: 'preview' });
    add('below', 'far', { src: '/inputs/${large}.rdc', alt: 'lazy' });
  })()`);
  await page.until(`log.length >= 23`);
  const log = await page.value('log');
  for (const name of shown) check(log.includes(`load ${name}`), `${name} is shown: ${log}`);
  check(log.some((line) => line.startsWith('error missing: ')), 'what is missing is an error');
  check(log.includes('load preview'), 'a preview alone');
  check(!log.some((line) => line.includes('below')), 'what is far waits');
  await shoot(page, 'gallery');
  check(await page.value(`(() => { const { internals, shadowRoot } = document.getElementById('missing');
    return shadowRoot.querySelector('canvas').hidden && shadowRoot.querySelector('slot').textContent; })()`)
    === 'a picture that is not there', 'alt stands for what is missing');
  if (isChromium) {
    const { nodes } = await page.send('Accessibility.getFullAXTree');
    check(nodes.some(({ role, name }) => ['image', 'img'].includes(role?.value) && name?.value === shown[3]), 'alt is their name');
  }
  await page.value('scrollTo(0, document.body.scrollHeight)');
  await page.until('log.includes("load below")');
  await page.value('document.body.replaceChildren()');
  if (isChromium) {
    await new Promise((resolve) => { setTimeout(resolve, 500); });
    const { targetInfos } = await browser.send('Target.getTargets', { filter: [{ type: 'worker' }] });
    check(targetInfos.length === 0, 'no worker is left');
  }
  await page.close();
});

await test('without a network', async () => {
  const page = await browser.open(`${server.address}/web/`);
  await page.until('navigator.serviceWorker.controller');
  await page.go(pageOf(large));
  await page.until(isShown);
  const bytes = readFileSync(join(inputs, `${large}.rdc`)).toString('base64');
  await server.close();
  await page.go(`${server.address}/web/`);
  await page.until('document.querySelector("h1")');
  await page.value(`(async () => {
    const bytes = Uint8Array.from(atob('${bytes}'), (c) => c.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], 'kept.rdc'));
    const input = document.getElementById('file');
    input.files = transfer.files;
    input.dispatchEvent(new Event('change'));
  })()`);
  await page.until(isShown);
  await page.close();
}, { needsTools: true });

await browser.close();
await server.close();
console.log(failures === 0 ? 'all passed' : `${failures} failures`);
process.exit(failures === 0 ? 0 : 1);
