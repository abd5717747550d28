/* Keeps the page's own files and the help page for times without a network. Never anything under /v1. */
const CACHE = "attune-static-1";
const SHELL = ["/", "/help.html", "/safety.html", "/privacy.html", "/css/tokens.css", "/css/base.css", "/css/care.css", "/css/document.css", "/js/boot.js", "/icons/mark.svg"];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const outdated = async () => {
    for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(outdated());
});

async function freshOrKept(request) {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(request, response.clone());
    return response;
  } catch (error) {
    const kept = (await cache.match(request)) ?? (request.mode === "navigate" ? await cache.match("/help.html") : null);
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  const isOurs = origin === self.location.origin && !pathname.startsWith("/v1/");
  if (event.request.method === "GET" && isOurs) event.respondWith(freshOrKept(event.request));
});
