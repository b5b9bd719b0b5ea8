// Keeps the page for when there is no network; where there is one, what it gives comes first.

const CACHE = 'rdcodec-page';
const FILES = [
  './', 'app.js', 'core.js', 'core.wasm', 'icon.svg', 'index.html', 'metadata.js', 'picture.js',
  'png.js', 'rdc-img.js', 'style.css', 'worker.js',
];
const urls = new Set(FILES.map((file) => new URL(file, registration.scope).href));

addEventListener('install', (event) => {
  skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));
});

addEventListener('activate', (event) => event.waitUntil(clients.claim()));

addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  url.search = '';
  if (event.request.method !== 'GET' || !urls.has(url.href)) return;
  event.respondWith((async () => {
    const cache = await caches.open(CACHE);
    try {
      const response = await fetch(event.request);
      if (response.ok) event.waitUntil(cache.put(url.href, response.clone()));
      return response;
    } catch (error) {
      const kept = await cache.match(url.href);
      if (!kept) throw error;
      return kept;
    }
  })());
});
