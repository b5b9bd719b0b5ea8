// <rdc-img src="picture.rdc" alt="…">fallback</rdc-img>
//
// Shows a picture as soon as it comes near the window: its preview first, then all of it, or the
// preview alone with layer="preview". What the element holds, else its alt, is shown where the
// picture cannot be. Fires "load", or "error" with the decoder's words as its detail.

import { drawing, Picture } from './picture.js';

const style = new CSSStyleSheet();
style.replaceSync(`
  :host { display: inline-block; max-width: 100%; min-width: 1px; min-height: 1px; }
  :host([hidden]) { display: none; }
  canvas { display: block; max-width: 100%; height: auto; }
  [hidden] { display: none; }
`);

const near = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) target.start();
  }
}, { rootMargin: '256px' });

class RdcImage extends HTMLElement {
  static observedAttributes = ['src', 'alt', 'layer'];

  #canvas = document.createElement('canvas');
  #fallback = document.createElement('slot');
  #picture = null;
  #internals = this.attachInternals();

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [style];
    root.append(this.#canvas, this.#fallback);
    this.#describe();
    this.#show(true);
  }

  connectedCallback() { this.#restart(); }

  disconnectedCallback() { this.#stop(); }

  attributeChangedCallback(name) {
    if (name === 'alt') this.#describe();
    else if (this.isConnected) this.#restart();
  }

  /** Whether all of the picture is there. */
  complete = false;

  #describe() {
    const alt = this.getAttribute('alt') ?? '';
    // An empty one says that the picture is an ornament, as for <img>.
    this.#internals.role = this.getAttribute('alt') === '' ? 'none' : 'img';
    this.#internals.ariaLabel = alt;
    this.#fallback.textContent = alt;
  }

  /** The picture, or what stands for it. */
  #show(isPicture) {
    this.#canvas.hidden = !isPicture;
    this.#fallback.hidden = isPicture;
  }

  #stop() {
    near.unobserve(this);
    this.#picture?.close();
    this.#picture = null;
  }

  #restart() {
    this.#stop();
    this.complete = false;
    this.#describe();
    if (this.hasAttribute('src')) near.observe(this);
  }

  start() {
    near.unobserve(this);
    if (this.#picture) return;
    const isPreview = this.getAttribute('layer') === 'preview';
    const draw = drawing(this.#canvas);
    let hasPreview = false;
    const failed = ({ message }) => {
      // Of a damaged file the preview may be whole.
      if (!hasPreview) this.#show(false);
      this.dispatchEvent(new CustomEvent('error', { detail: message }));
    };
    const src = this.getAttribute('src');
    if (!URL.canParse(src, document.baseURI)) {
      failed({ message: `${src} is no address` });
      return;
    }
    this.#picture = new Picture({ url: new URL(src, document.baseURI).href }, {
      layers: isPreview ? ['preview'] : ['preview', 'full'],
      handlers: {
        layer: (answer) => {
          this.#show(true);
          draw.layer(answer);
        },
        band: draw.band,
        decoded: () => { hasPreview = true; },
        done: () => {
          this.complete = true;
          this.dispatchEvent(new Event('load'));
        },
        failed,
      },
    });
  }
}

customElements.define('rdc-img', RdcImage);
