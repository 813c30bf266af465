// The course after the first load, without a network. Everything that passes is kept; what has a version or a
// digest in its address is taken from there, the rest is asked for anew and taken from there where nothing
// answers. JupyterLite's own worker, below, connects the kernel with the files.

const KEPT = "bn-course";
const NEVER_CHANGES = /\/(build|extensions|static)\/.*\.(js|mjs|wasm|whl|zip|css|woff2?|svg)$/;
const JUPYTERLITE = /\/api\/(drive|stdin|service-worker-heartbeat)/;

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const ours = event.request.method === "GET" && url.origin === location.origin;
  if (!ours || JUPYTERLITE.test(url.pathname)) return;
  event.stopImmediatePropagation();
  event.respondWith(NEVER_CHANGES.test(url.pathname) ? keptFirst(event.request) : newestFirst(event.request));
});

async function keptFirst(request) {
  return (await caches.match(request)) ?? fetchAndKeep(request);
}

async function newestFirst(request) {
  try {
    return await fetchAndKeep(request);
  } catch (error) {
    const kept = await caches.match(request, { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
}

async function fetchAndKeep(request) {
  const answer = await fetch(request);
  if (answer.status === 200) {
    const copy = answer.clone();
    try {
      await (await caches.open(KEPT)).put(request, copy);
    } catch {} // the storage is full: the course goes on, with a network
  }
  return answer;
}

importScripts("jupyterlite-service-worker.js");
