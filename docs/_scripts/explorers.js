// Figures on a page that Python draws, once a reader asks for it: until then, the picture stays.
import { element, renderPicture, still } from "../../bn_course/live/shell.js";

/**
 * A worker, which starts `python` at the first question: `ask(call, ...args)` gives what it answers.
 * `python` is {home, packages}: the folder of Pyodide, and what is loaded from there.
 */
export function backstage(script, python) {
  const waiting = new Map();
  let worker;
  let turns = 0;
  const begin = () => {
    worker = new Worker(script, { type: "module" });
    worker.onmessage = ({ data: { turn, answer, error } }) => {
      const { resolve, reject } = waiting.get(turn);
      waiting.delete(turn);
      if (error === undefined) resolve(answer);
      else reject(new Error(error));
    };
    worker.onerror = () => {
      waiting.forEach(({ reject }) => reject(new Error("the worker did not start")));
      waiting.clear();
    };
  };
  return (call, ...args) => new Promise((resolve, reject) => {
    if (!worker) begin();
    waiting.set(++turns, { resolve, reject });
    worker.postMessage({ python, turn: turns, call, args });
  });
}

/** A model as the shell wants it, of a figure that Python calls `key` and whose whole state this is. */
export function remote(ask, key, state) {
  const model = still(state);
  const show = (drawn) => Object.entries(drawn).forEach(([name, value]) => model.set(name, value));
  const warn = (error) => show({ alert: error.message });
  let wanted = {}; // what a control changed since Python was last told
  let busy = false;
  return {
    ...model,
    set(name, value) {
      wanted[name] = value;
      model.set(name, value);
    },
    /** While Python draws, a reader may have moved on: then it hears of the last place alone. */
    async save_changes() {
      if (busy) return;
      busy = true;
      while (Object.keys(wanted).length) {
        const sent = wanted;
        wanted = {};
        await ask("move", key, sent).then(({ at, scale, ...drawn }) => show(drawn), warn);
      }
      busy = false;
    },
    send({ pick }) {
      ask("pick", key, ...pick).then(show, warn);
    },
  };
}

/** Why no figure can come alive here; "" where it can. */
function hindrance() {
  if (location.protocol === "file:") return "a browser lets no page that lies on a disk do so. From a web server it works.";
  if (typeof WebAssembly !== "object") return "this browser has no WebAssembly.";
  return "";
}

function offer(place, key, ask, megabytes) {
  const picture = place.closest(".cell_output").querySelector("img");
  const button = element("button", { type: "button", className: "bn-button" }, "Move this figure");
  const said = element("span", { role: "status" }, `It starts Python in this page: ${megabytes} MB, once.`);
  const stays = (why) => {
    said.textContent = `The picture stays as it is: ${why}`;
    button.disabled = false;
  };
  button.addEventListener("click", async () => {
    if (hindrance()) return stays(hindrance());
    button.disabled = true;
    said.textContent = "Starting Python: some seconds, longer the first time.";
    try {
      const state = await ask("begin", key, place.dataset.name, JSON.parse(place.dataset.params));
      renderPicture({ model: remote(ask, key, state), el: place });
    } catch (error) {
      return stays(error.message);
    }
    picture.hidden = true;
    place.querySelector("input")?.focus(); // the button is gone
  });
  place.replaceChildren(element("p", { className: "bn-offer" }, button, said));
}

/** Offer every figure of the page to its reader. `home` is where Pyodide is, seen from this script. */
export function start({ home, packages, megabytes }) {
  const here = document.currentScript.src;
  const ask = backstage(new URL("worker.js", here), { home: new URL(home, here).href, packages });
  document.querySelectorAll(".bn-moves").forEach((place, key) => offer(place, key, ask, megabytes));
}
