// A batch and the shell on which its x̂ lies. What does not draw says the same as sphere.py, and a test holds
// it to that.
import { follow, number, set, svg } from "../live/drawing.js";
import { element, mount, valuesOf } from "../live/shell.js";
import { ELEVATION, circle, depth, dot, moved, norm, onPage, plus, radians, scaled } from "./oblique.js";

const SHELLS = { 2: "two points, √2 from the middle", 3: "a circle of radius √3", 4: "a sphere of radius 2" };
const ROOTS = { 1: "1", 2: "√2", 3: "√3", 4: "2" };

const average = (a) => a.reduce((sum, value) => sum + value, 0) / a.length;

export function compute(params, data) {
  const { N, eps, turn } = params;
  const x = [params.x1, params.x2, params.x3, params.x4].slice(0, N).map((u) => params.shift + params.scale * u);
  if (eps === 0 && Math.max(...x) === Math.min(...x)) {
    throw new Error(`All ${N} are the same: with ε = 0, x̂ would be 0/0`);
  }
  const mean = average(x);
  const centred = x.map((value) => value - mean);
  const variance = average(centred.map((value) => value ** 2));
  const xHat = scaled(centred, 1 / Math.sqrt(variance + eps));
  const dxHat = x.map((_, i) => (i === 0 ? 1 : 0));
  const left = dxHat.map((g, i) => g - 1 / N - (xHat[i] * xHat[0]) / N);
  const one = x.map(() => 1);
  const ends = {
    x,
    centred,
    x_hat: xHat,
    shell: scaled(centred, variance ? 1 / Math.sqrt(variance) : 0),
    one: scaled(one, N < 4 ? 1.7 : 0),
    arrives: plus(xHat, dxHat),
    without_mean: plus(plus(xHat, dxHat), one, -1 / N),
    leaves: plus(xHat, left),
  };
  const place = (v) => scaled(onPage(v, turn), 1 / Math.sqrt(N));
  const farthest = x.map((_, i) => x.map((__, j) => ((i === j ? N : 0) - 1) / Math.sqrt(N - 1)));
  const places = Object.fromEntries(Object.entries(ends).map(([name, end]) => [name, place(end)]));
  return {
    params: { ...params, gradient: data.gradient },
    x,
    mean,
    var: variance,
    x_hat: xHat,
    dx_hat: dxHat,
    left,
    dx: scaled(left, 1 / Math.sqrt(variance + eps)),
    shrink: Math.sqrt(variance / (variance + eps)),
    places: { ...places, farthest: farthest.map(place) },
    behind: N === 4 && depth(xHat, turn) > 1e-9,
  };
}

export function sentence({ params: { N, eps, gradient }, x_hat: xHat, shrink }) {
  if (shrink < 0.95) return `ε pulls x̂ inside: it keeps ${number(100 * shrink, 0)} % of the radius`;
  if (eps > 0) return `x goes anywhere; x̂ stays just short of ${SHELLS[N]}`;
  if (N === 2) {
    if (gradient) return "Two points have no direction between them: dx is zero";
    return "Two points are all there is: x̂ keeps one bit, which of the two is larger";
  }
  const sizes = xHat.map(Math.abs);
  const largest = Math.max(...sizes);
  if (largest > Math.sqrt(N - 1) - 1e-9) {
    const example = sizes.indexOf(largest) + 1;
    const lost = gradient && example === 1 ? ": a pull at it comes to nothing" : "";
    return `Example ${example} is as far out as it can get, at ${ROOTS[N - 1]}${lost}`;
  }
  if (gradient) return `dx lies along the ${N === 3 ? "circle" : "sphere"}: no part of it along 1, none along x̂`;
  return `x goes anywhere; x̂ stays on ${SHELLS[N]}`;
}

export function facts({ params: { N }, x_hat: xHat }) {
  const farthest = Math.max(...xHat.map(Math.abs));
  return [
    `length of x̂: ${number(norm(xHat))} of √${N} = ${number(Math.sqrt(N))}`,
    `largest |x̂|: ${number(farthest)} of √(${N} − 1) = ${number(Math.sqrt(N - 1))}`,
  ];
}

export function table(result) {
  const { params: { gradient }, x_hat: xHat } = result;
  const columns = [["x", result.x], ["x̂", xHat]];
  if (gradient) columns.push(["dx̂", result.dx_hat], ["dx", result.dx]);
  const each = (say) => columns.map(([, values]) => number(say(values)));
  const rows = [["example", ...columns.map(([name]) => name)]];
  result.x.forEach((_, i) => rows.push([String(i + 1), ...each((values) => values[i])]));
  rows.push(["mean", ...each(average)]);
  rows.push(["deviation", number(Math.sqrt(result.var)), number(result.shrink)]);
  if (gradient) {
    rows.at(-1).push("", "");
    rows.push(["Σ · x̂", "", ...each((values) => dot(values, xHat)).slice(1)]);
  }
  return rows;
}

export function describe(result) {
  const { params: { N, gradient }, x_hat: xHat, dx } = result;
  const said = (values) => values.map((value) => number(value)).join(", ");
  const text = `${sentence(result)}. A batch of ${N}, x = ${said(result.x)}, has mean ${number(result.mean)} ` +
    `and deviation ${number(Math.sqrt(result.var))}; x̂ = ${said(xHat)}. ${facts(result).join("; ")}.`;
  if (!gradient) return text;
  return `${text} The gradient dx̂ pulls at example 1 alone; dx = ${said(dx)}, its sum is ` +
    `${number(dot(dx, dx.map(() => 1)))} and that of dx·x̂ ${number(dot(dx, xHat))}.`;
}

/** Where something is shown that may lie outside the picture. */
export function inside([across, upwards]) {
  return [Math.max(-1.6, Math.min(1.6, across)), Math.max(-1.1, Math.min(1.5, upwards))];
}

/** What is written into the picture: words, where, and whose colour. */
export function labels({ params: { N, gradient }, places: at }) {
  const found = at.farthest.map((place, i) =>
    [`x${"₁₂₃₄"[i]}`, plus(scaled(place, 1.15), [0, N === 2 ? 0.15 : 0]), "batch"]);
  found.push(["x", plus(inside(at.x), [0, 0.16]), "none"], ["x̂", plus(at.x_hat, [0, -0.17]), "batch"]);
  if (N < 4) found.push(["1 (all up)", plus(at.one, [0.32, 0]), "muted"]);
  if (gradient) {
    const apart = plus(at.arrives, at.leaves, -1);
    const away = scaled(apart, 0.13 / norm(apart));
    found.push(["dx̂", plus(at.arrives, away), "ink"]);
    if (norm(plus(at.leaves, at.x_hat, -1)) > 0.02) found.push(["dx", plus(at.leaves, away, -1), "ink"]);
  }
  return found;
}

// What follows draws. Radii are those of the shell; `place` gives pixels.

const WIDEST = 400;
const GRASP = 24; // pixels around x in which a pointer takes it
const [HALF, ABOVE, BELOW] = [1.7, 1.75, 1.2]; // of the picture, in radii
const LINES = ["one", "edges", "ring", "rim", "ray", "thread", "legs"];

/** What each line of the picture runs through, as a list of strokes. */
function strokes({ params: { N, gradient }, places: at }) {
  const flat = circle(Math.sin(radians(ELEVATION[N])));
  return {
    one: [[at.one, scaled(at.one, -1)]],
    edges: at.farthest.flatMap((end, i) => at.farthest.slice(0, i).map((other) => [end, other])),
    ring: N === 4 ? [flat] : [],
    rim: N === 2 ? [] : [N === 4 ? circle(1) : flat],
    ray: [[[0, 0], at.shell]],
    thread: [[at.x, at.centred, at.x_hat]],
    legs: gradient ? [[at.arrives, at.without_mean, at.leaves]] : [],
  };
}

function makePicture() {
  const lines = Object.fromEntries(LINES.map((name) => [name, svg("path", { class: `bn-${name}` })]));
  const arrows = ["arrives", "leaves"].map((name) => svg("path", { class: `bn-arrow bn-${name}` }));
  const ends = [1, 2].map(() => svg("circle", { class: "bn-end" }));
  const [shell, xHat, x] = ["shell", "x-hat", "x"].map((name) => svg("circle", { class: `bn-${name}` }));
  const grab = svg("circle", { class: "bn-grab" });
  const texts = Array.from({ length: 9 }, () => svg("text"));
  const drawn = [...Object.values(lines), ...ends, shell, ...arrows, xHat, x, ...texts, grab];
  const node = svg("svg", { role: "img" }, ...drawn);
  const arrow = (from, to) => {
    const along = plus(to, from, -1);
    if (norm(along) < 2) return "";
    const [a, b] = scaled(along, 11 / norm(along));
    const [base, side] = [plus(to, [a, b], -1), scaled([-b, a], 0.4)];
    return `M${from}L${base}M${to}L${plus(base, side)}L${plus(base, side, -1)}Z`;
  };
  return {
    node,
    draw(result, place, radius) {
      const { params: { N, eps, gradient }, places: at } = result;
      for (const [name, found] of Object.entries(strokes(result))) {
        set(lines[name], { d: found.map((points) => `M${points.map(place).join("L")}`).join("") });
      }
      ["arrives", "leaves"].forEach((name, i) =>
        set(arrows[i], { d: gradient ? arrow(place(at.x_hat), place(at[name])) : "" }));
      const put = (point, where, size, shown = true) => {
        const [cx, cy] = place(where);
        set(point, { cx, cy, r: size, display: shown ? "inline" : "none" });
      };
      const dotted = 0.06 * radius;
      ends.forEach((end, i) => put(end, at.farthest[i], dotted / 2, N === 2));
      put(shell, at.shell, dotted, eps > 0);
      put(xHat, at.x_hat, dotted);
      put(x, inside(at.x), dotted);
      put(grab, inside(at.x), GRASP);
      xHat.classList.toggle("bn-hollow", result.behind);
      x.classList.toggle("bn-hollow", String(inside(at.x)) !== String(at.x));
      const written = labels(result);
      texts.forEach((text, i) => {
        const [words, where, colour] = written[i] ?? ["", [0, 0], "ink"];
        const [px, py] = place(where);
        text.textContent = words;
        set(text, { x: px, y: py, class: `bn-in-${colour}` });
      });
      set(node, { "aria-label": describe(result) });
    },
  };
}

const rowsOf = (result) => table(result).map((row, i) => element("tr", {}, ...row.map((text, j) =>
  element(i && j ? "td" : "th", i && j ? {} : { scope: i ? "row" : "col" }, text))));

/** What the drawing means, and how it is moved. */
function help({ params: { N, gradient } }) {
  return [
    N < 4 ? "Dashed: less the mean, then divided by √(σ² + ε)."
      : "Seen along 1, so the mean does not show. Dashed: divided by √(σ² + ε).",
    gradient ? "Thin arrow: dx̂, at example 1 alone. Thick: what is left of it, √(σ² + ε)·dx." : "",
    "Drag x (hollow at the edge: it lies further out).",
    N > 2 ? "Drag beside it to turn." : "",
  ].filter(Boolean).join(" ");
}

export function render({ model, el }) {
  const controls = model.get("_controls");
  const { root, stage, alert, dispose } = mount(model, el);
  root.classList.add("bn-sphere");
  const picture = makePicture();
  const heading = element("div", { className: "bn-heading", "aria-live": "polite" });
  const numbers = element("table");
  const limits = element("p", {});
  const note = element("p", { className: "bn-note" });
  stage.append(heading, element("div", { className: "bn-beside" }, picture.node,
    element("div", { className: "bn-numbers" }, numbers, limits, note)));
  const sliders = [...root.querySelectorAll(".bn-panel > .bn-control")];
  const needs = { x3: 3, x4: 4, turn: 3 }; // the smallest batch that has a use for it
  let result = null;
  let radius = WIDEST / 2 / HALF;
  const place = ([across, upwards]) => [(HALF + across) * radius, (ABOVE - upwards) * radius].map((v) =>
    Math.round(10 * v) / 10);

  const draw = () => {
    const params = valuesOf(controls, model.get("at"));
    controls.forEach(({ name }, i) => { sliders[i].hidden = params.N < (needs[name] ?? 2); });
    try {
      result = compute(params, model.get("data"));
    } catch (error) {
      alert(error.message);
      stage.classList.add("bn-outdated");
      return;
    }
    alert("");
    stage.classList.remove("bn-outdated");
    heading.textContent = sentence(result);
    picture.draw(result, place, radius);
    picture.node.classList.toggle("bn-turns", params.N > 2);
    numbers.replaceChildren(...rowsOf(result));
    limits.replaceChildren(...facts(result).flatMap((line) => [line, element("br")]));
    note.textContent = help(result);
  };
  const fit = () => {
    const width = Math.min(WIDEST, stage.clientWidth || WIDEST);
    radius = width / 2 / HALF;
    set(picture.node, { width, height: Math.round((ABOVE + BELOW) * radius) });
    draw();
  };

  const nearest = ({ values }, value) => Math.max(0, Math.min(values.length - 1,
    Math.round((value - values[0]) / (values[1] - values[0]))));
  const pointed = (event) => {
    const box = picture.node.getBoundingClientRect();
    return [(event.clientX - box.left) / radius - HALF, ABOVE - (event.clientY - box.top) / radius];
  };
  // Both start from where things stood, so that what is rounded on the way does not add up.
  const dragX = ({ x, places, params: { N, turn, shift, scale } }, at) => (event) => {
    const by = scaled(plus(pointed(event), places.x, -1), Math.sqrt(N));
    const entries = moved(x, by, turn).map((value, i) => [`x${i + 1}`, (value - shift) / scale]);
    const indices = entries.map(([name, value]) => [name, nearest(controls.find((c) => c.name === name), value)]);
    return { ...at, ...Object.fromEntries(indices) };
  };
  const dragTurn = (from, at) => (event) => {
    const count = controls.find(({ name }) => name === "turn").values.length;
    const steps = Math.round((event.clientX - from) / 12);
    return { ...at, turn: (((at.turn + steps) % count) + count) % count };
  };
  let dragging = null;
  picture.node.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button || !result) return;
    const close = norm(plus(pointed(event), inside(result.places.x), -1)) * radius < GRASP;
    if (!close && result.params.N === 2) return;
    dragging = close ? dragX(result, model.get("at")) : dragTurn(event.clientX, model.get("at"));
    picture.node.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  picture.node.addEventListener("pointermove", (event) => {
    if (!dragging) return;
    model.set("at", dragging(event));
    model.save_changes();
  });
  for (const end of ["pointerup", "pointercancel"]) {
    picture.node.addEventListener(end, () => { dragging = null; });
  }
  return follow(model, ["change:at"], stage, { draw, fit, dispose });
}

export default { render };
