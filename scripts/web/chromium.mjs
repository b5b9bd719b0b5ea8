// Chromium without a window, by its DevTools protocol over a pipe: no package is needed.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class Chromium {
  #process;
  #profile;
  #last = 0;
  #answers = new Map();
  #listeners = [];
  #rest = '';

  constructor(program) {
    this.#profile = mkdtempSync(join(tmpdir(), 'rdcodec-chromium-'));
    this.#process = spawn(program, [
      '--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-extensions',
      '--disable-background-networking', '--remote-debugging-pipe', '--hide-scrollbars',
      `--user-data-dir=${this.#profile}`, 'about:blank',
    ], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    this.#process.stdio[4].setEncoding('utf8');
    this.#process.stdio[4].on('data', (text) => {
      const parts = (this.#rest + text).split('\0');
      this.#rest = parts.pop();
      for (const part of parts) this.#take(JSON.parse(part));
    });
  }

  #take(message) {
    const answer = this.#answers.get(message.id);
    if (!answer) {
      for (const listener of this.#listeners) listener(message);
      return;
    }
    this.#answers.delete(message.id);
    if (message.error) answer.reject(new Error(`${answer.method}: ${message.error.message}`));
    else answer.resolve(message.result);
  }

  send(method, params = {}, sessionId = undefined) {
    const id = ++this.#last;
    this.#process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { method, resolve, reject });
    });
  }

  onEvent(listener) { this.#listeners.push(listener); }

  async open(url, { width = 1280, height = 900, dark = false, scale = 1 } = {}) {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    const page = new Page(this, targetId, sessionId);
    await page.prepare({ width, height, dark, scale });
    await page.go(url);
    return page;
  }

  /** Bytes that all of its processes of pages have in memory. */
  async pageMemory(readStatus) {
    const { processInfo } = await this.send('SystemInfo.getProcessInfo');
    return processInfo.filter(({ type }) => type === 'renderer')
      .reduce((sum, { id }) => sum + readStatus(id), 0);
  }

  async close() {
    const ended = new Promise((resolve) => { this.#process.once('exit', resolve); });
    await this.send('Browser.close').catch(() => {});
    await ended;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

class Page {
  /** What went wrong on the page: exceptions, and violations of its policy. */
  problems = [];
  #browser;
  #session;

  constructor(browser, target, session) {
    this.#browser = browser;
    this.target = target;
    this.#session = session;
    browser.onEvent(({ method, params, sessionId }) => {
      if (sessionId !== session) return;
      if (method === 'Runtime.exceptionThrown') {
        const { exceptionDetails } = params;
        this.problems.push(exceptionDetails.exception?.description ?? exceptionDetails.text);
      }
      if (method === 'Log.entryAdded' && params.entry.level === 'error') {
        this.problems.push(`${params.entry.text} ${params.entry.url ?? ''}`);
      }
    });
  }

  send(method, params) { return this.#browser.send(method, params, this.#session); }

  async prepare({ width, height, dark, scale }) {
    for (const domain of ['Page', 'Runtime', 'Log']) await this.send(`${domain}.enable`);
    await this.send('Emulation.setDeviceMetricsOverride', {
      width, height, deviceScaleFactor: scale, mobile: false });
    await this.send('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }] });
  }

  async go(url) {
    await this.send('Page.navigate', { url });
    await this.until('document.readyState === "complete"');
  }

  /** The value of an expression, which may be a promise. */
  async value(expression) {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      expression, awaitPromise: true, returnByValue: true, userGesture: true });
    if (exceptionDetails) {
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    }
    return result.value;
  }

  async until(expression, seconds = 120) {
    for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
      if (await this.value(expression).catch(() => false)) return;
      await new Promise((resolve) => { setTimeout(resolve, 20); });
    }
    throw new Error(`this did not come true: ${expression}`);
  }

  async press(key) {
    for (const type of ['keyDown', 'keyUp']) {
      await this.send('Input.dispatchKeyEvent', { type, key, text: type === 'keyDown' ? key : undefined });
    }
  }

  async screenshot() {
    const { data } = await this.send('Page.captureScreenshot', { format: 'png' });
    return Buffer.from(data, 'base64');
  }

  close() { return this.#browser.send('Target.closeTarget', { targetId: this.target }); }
}
