// Firefox without a window, by its Marionette protocol: JSON over a socket, no package is needed.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class Firefox {
  #process;
  #profile;
  #socket;
  #rest = Buffer.alloc(0);
  #last = 0;
  #answers = new Map();
  #greeted;

  static async start(program) {
    const browser = new Firefox();
    await browser.#start(program);
    return browser;
  }

  async #start(program) {
    this.#profile = mkdtempSync(join(tmpdir(), 'rdcodec-firefox-'));
    writeFileSync(join(this.#profile, 'user.js'), 'user_pref("marionette.port", 0);\n');
    this.#process = spawn(program, ['--headless', '--marionette', '--no-remote', '--profile', this.#profile], {
      stdio: 'ignore', env: { ...process.env, HOME: this.#profile, MOZ_DISABLE_AUTO_SAFE_MODE: '1' } });
    const port = await this.#port();
    const greeting = new Promise((resolve) => { this.#greeted = resolve; });
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.on('data', (data) => this.#take(data));
    await greeting;
    const { capabilities } = await this.send('WebDriver:NewSession', {});
    this.version = `${capabilities.browserName} ${capabilities.browserVersion}`;
    await this.send('WebDriver:SetTimeouts', { script: 300_000 });
  }

  async #port() {
    for (let tries = 0; tries < 600; tries++) {
      try {
        const port = Number(readFileSync(join(this.#profile, 'MarionetteActivePort'), 'utf8'));
        if (port > 0) return port;
      } catch { /* not yet */ }
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
    throw new Error('Firefox does not answer');
  }

  /** Messages are "length:JSON". */
  #take(data) {
    this.#rest = Buffer.concat([this.#rest, data]);
    for (;;) {
      const colon = this.#rest.indexOf(':');
      if (colon < 0) return;
      const end = colon + 1 + Number(this.#rest.subarray(0, colon));
      if (this.#rest.length < end) return;
      const message = JSON.parse(this.#rest.subarray(colon + 1, end));
      this.#rest = this.#rest.subarray(end);
      if (!Array.isArray(message)) {
        this.#greeted();
        continue;
      }
      const [, id, error, result] = message;
      const answer = this.#answers.get(id);
      this.#answers.delete(id);
      if (error) answer.reject(new Error(`${error.error}: ${error.message}`));
      else answer.resolve(result);
    }
  }

  send(name, parameters) {
    const text = JSON.stringify([0, ++this.#last, name, parameters]);
    this.#socket.write(`${Buffer.byteLength(text)}:${text}`);
    return new Promise((resolve, reject) => { this.#answers.set(this.#last, { resolve, reject }); });
  }

  /** Its one window, as a page of Chromium. */
  async open(url, { width = 1280, height = 900 } = {}) {
    await this.send('WebDriver:SetWindowRect', { width, height });
    await this.go(url);
    return {
      problems: [], go: (next) => this.go(next), value: (expression) => this.value(expression),
      until: (expression) => this.until(expression), screenshot: () => this.screenshot(),
      press: (key) => this.value(
        `dispatchEvent(new KeyboardEvent('keydown', { key: ${JSON.stringify(key)} }))`),
      close: async () => {},
    };
  }

  async go(url) { await this.send('WebDriver:Navigate', { url }); }

  /** The value of an expression, which may be a promise. */
  async value(expression) {
    const { value } = await this.send('WebDriver:ExecuteAsyncScript', {
      script: `const answer = arguments[arguments.length - 1];
        Promise.resolve().then(() => (0, eval)(${JSON.stringify(expression)})).then(
          (value) => answer({ value: JSON.stringify(value) }),
          (error) => answer({ error: String(error) }));`,
      args: [], sandbox: null,
    });
    if (value.error) throw new Error(value.error);
    return value.value === undefined ? undefined : JSON.parse(value.value);
  }

  async until(expression, seconds = 120) {
    for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
      if (await this.value(`Boolean(${expression})`).catch(() => false)) return;
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
    throw new Error(`this did not come true: ${expression}`);
  }

  async screenshot() {
    const { value } = await this.send('WebDriver:TakeScreenshot', { full: false });
    return Buffer.from(value, 'base64');
  }

  async close() {
    const ended = new Promise((resolve) => { this.#process.once('exit', resolve); });
    await this.send('Marionette:Quit', { flags: ['eForceQuit'] }).catch(() => {});
    await ended;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
