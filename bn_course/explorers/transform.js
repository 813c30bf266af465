// Batch normalisation of one feature, in the browser. `compute` and `describe` say the same as
// transform.py, and a test holds them to it.
import { follow, number, set, svg } from "../live/drawing.js";
import { element, mount, valuesOf } from "../live/shell.js";

export function compute(params, data) {
  const batches = data.draws.map((row) =>
    row.slice(0, params.size).map((z) => params.mu + params.sigma * z));
  const average = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const x = batches[params.batch - 1];
  const mean = average(x);
  const variance = average(x.map((value) => (value - mean) ** 2));
  const xHat = x.map((value) => (value - mean) / Math.sqrt(variance + params.eps));
  return {
    params,
    x,
    mean,
    var: variance,
    x_hat: xHat,
    y: xHat.map((value) => params.gamma * value + params.beta),
    means: batches.map(average),
    tracked: (params.tracked - 1) % params.size,
    shrink: Math.sqrt(variance / (variance + params.eps)),
  };
}

const bracketed = (text) => (text.startsWith("−") ? `(${text})` : text);

export function sentence({ params, mean, var: variance, shrink }) {
  if (shrink < 0.95) {
    const share = number(100 * shrink, 0);
    return `ε is large beside this variance: x̂ keeps only ${share} % of its spread`;
  }
  if (params.gamma === 0) return "With γ = 0 every entry comes out as β: the batch is forgotten";
  if (params.size === 2) {
    return "Two entries always become −1 and +1: all that is left is which is larger";
  }
  const off = Math.abs(mean - params.mu) / params.sigma;
  if (off > 0.2 || Math.abs(Math.sqrt(variance) / params.sigma - 1) > 0.2) {
    return `Statistics of ${params.size} entries wander: compare the batch with its source`;
  }
  return "Whatever μ and σ are, the output has mean β and standard deviation |γ|";
}

export function describe(result) {
  const { params, tracked: at, shrink } = result;
  return `${sentence(result)}. Of ${params.size} entries, x has mean ${number(result.mean)} and ` +
    `standard deviation ${number(Math.sqrt(result.var))}; x̂ has mean 0.00 and standard deviation ` +
    `${number(shrink)}; y has mean ${number(params.beta)} and standard deviation ` +
    `${number(Math.abs(params.gamma) * shrink)}. Entry ${at + 1} goes from ` +
    `${number(result.x[at])} to ${number(result.x_hat[at])} to ${number(result.y[at])}.`;
}

/** The followed entry's steps, each from the numbers shown: [what, in symbols, in numbers, result]. */
export function arithmetic(result, epsText) {
  const { params, tracked: at } = result;
  const round = (value, digits) => Number(value.toFixed(digits));
  const [x, mean, variance] = [result.x[at], result.mean, result.var].map((v) => round(v, 4));
  const centred = round(x - mean, 4);
  const xHat = round(centred / Math.sqrt(variance + params.eps), 3);
  const y = params.gamma * xHat + params.beta;
  const scaled = `${number(params.gamma, 1)} · ${bracketed(number(xHat, 3))}`;
  return [
    [`Entry ${at + 1} of ${params.size}`, "x", "", number(x, 4)],
    ["Centre", "x − mean", `${number(x, 4)} − ${bracketed(number(mean, 4))}`, number(centred, 4)],
    ["Divide", "x̂ = (x − mean) / √(var + ε)", `${number(centred, 4)} / √(${number(variance, 4)} + ${epsText})`,
      number(xHat, 3)],
    ["Scale and shift", "y = γ x̂ + β", `${scaled} + ${bracketed(number(params.beta, 1))}`, number(y, 3)],
  ];
}

const WIDEST = 700;
const NARROWEST = 320;
const ROW = 116;
const SPAN = 10;
const BASE = 86; // the axis, below a row's top
const placing = (width) => (value) =>
  width / 2 + (Math.max(-SPAN, Math.min(SPAN, value)) / SPAN) * (width / 2 - 16);
const lift = (index) => BASE - 6 - 40 * ((index * 0.618034) % 1); // an entry keeps its height

function makeRow(index, colour, count) {
  const title = svg("text", { x: 16, y: 14 });
  const bell = svg("path", { fill: colour, "fill-opacity": 0.22 });
  const axis = svg("line", { y1: BASE, y2: BASE, class: "bn-axis" });
  const ticks = Array.from({ length: SPAN + 1 }, (_, i) => 2 * i - SPAN).map((value) => ({
    value,
    line: svg("line", { y1: BASE, y2: BASE + 4, class: "bn-axis" }),
    text: svg("text", { y: BASE + 15, class: "bn-tick" }, String(value).replace("-", "−")),
  }));
  const mean = svg("line", { y1: 26, y2: BASE, stroke: colour, "stroke-width": 2.5 });
  const span = svg("path", { fill: "none", stroke: colour, "stroke-width": 2.5 });
  const dots = Array.from({ length: count }, (_, i) =>
    svg("circle", { r: 3.6, cy: lift(i), fill: colour, "fill-opacity": 0.9 }));
  const ring = svg("circle", { r: 7, fill: "none", stroke: "currentColor", "stroke-width": 2 });
  const node = svg("g", { transform: `translate(0 ${index * ROW})` }, title, bell, axis,
    ...ticks.flatMap(({ line, text }) => [line, text]), mean, span, ...dots, ring);

  return {
    node,
    draw(name, values, { batchMean, deviation, centre, spread, tracked }, place) {
      const narrow = place(SPAN) <= 350;
      const what = narrow ? "mean" : "batch mean"; // all that a narrow window has room for
      set(title, { class: narrow ? "bn-narrow" : "" });
      title.textContent = `${name}: ${what} ${number(batchMean)}, standard deviation ${number(deviation)}`;
      set(axis, { x1: place(-SPAN), x2: place(SPAN) });
      for (const { value, line, text } of ticks) {
        set(line, { x1: place(value), x2: place(value) });
        set(text, { x: place(value) });
      }
      const outline = Array.from({ length: 71 }, (_, i) => i / 10 - 3.5).map((z) =>
        `${place(centre + spread * z).toFixed(1)} ${(BASE - 52 * Math.exp((-z * z) / 2)).toFixed(1)}`);
      set(bell, { d: `M${outline.join("L")}Z` });
      set(span, { d: `M${place(batchMean - deviation)} 26v10m0 -5H${place(batchMean + deviation)}m0 -5v10` });
      set(mean, { x1: place(batchMean), x2: place(batchMean) });
      dots.forEach((dot, i) => {
        dot.style.display = i < values.length ? "" : "none";
        if (i < values.length) set(dot, { cx: place(values[i]).toFixed(1) });
      });
      set(ring, { cx: place(values[tracked]), cy: lift(tracked) });
    },
  };
}

export function render({ model, el }) {
  const controls = model.get("_controls");
  const { root, stage, choose, dispose } = mount(model, el);
  const count = Math.max(...controls.find(({ name }) => name === "size").values);
  const eps = controls.find(({ name }) => name === "eps");
  const colours = ["var(--bn-none)", "var(--bn-batch)", "var(--bn-batch)"];
  const rows = colours.map((colour, i) => makeRow(i, colour, count));
  const heading = element("div", { className: "bn-heading" });
  const thread = svg("polyline", { class: "bn-thread" });
  const others = svg("path", { fill: "none", stroke: "var(--bn-none)", "stroke-width": 1.5 });
  const note = svg("text", { y: 14, class: "bn-note" },
    "shaded: where x is drawn from · △ eight batch means");
  rows[0].node.append(others, note);
  const picture = svg("svg", { role: "img" }, thread, ...rows.map(({ node }) => node));
  const steps = element("div", { className: "bn-steps" });
  stage.append(heading, picture, steps);
  root.classList.add("bn-transform");
  let shown = null; // [x, x̂, y] as they are drawn
  let place = placing(WIDEST);

  const draw = () => {
    const result = compute(valuesOf(controls, model.get("at")), model.get("data"));
    const { params, tracked, shrink } = result;
    const scale = Math.abs(params.gamma);
    shown = [result.x, result.x_hat, result.y];
    heading.textContent = sentence(result);
    rows[0].draw("Input x", result.x, {
      batchMean: result.mean, deviation: Math.sqrt(result.var), centre: params.mu, spread: params.sigma, tracked,
    }, place);
    rows[1].draw("Standardised x̂", result.x_hat, {
      batchMean: 0, deviation: shrink, centre: 0, spread: 1, tracked,
    }, place);
    rows[2].draw("Output y", result.y, {
      batchMean: params.beta, deviation: scale * shrink, centre: params.beta, spread: scale, tracked,
    }, place);
    set(others, { d: result.means.map((mean) => `M${place(mean) - 4} ${BASE}l4 -7l4 7z`).join("") });
    set(thread, {
      points: shown.map((values, i) => `${place(values[tracked])},${i * ROW + lift(tracked)}`).join(" "),
    });
    set(picture, { "aria-label": describe(result) });
    steps.replaceChildren(...arithmetic(result, eps.texts[model.get("at").eps]).map(
      ([what, symbols, numbers, value]) => element("div", { className: "bn-step" },
        element("span", { className: "bn-what" }, what),
        element("span", {}, symbols),
        element("span", {}, numbers && `= ${numbers}`),
        element("strong", {}, `= ${value}`))));
  };

  // Text keeps its size in a narrow window: the scale is what shrinks.
  const fit = () => {
    const width = Math.max(NARROWEST, Math.min(WIDEST, stage.clientWidth || WIDEST));
    place = placing(width);
    set(picture, { viewBox: `0 0 ${width} ${3 * ROW - 8}` });
    set(note, { x: width - 16 });
    note.style.display = width > 640 ? "" : "none";
    draw();
  };

  picture.addEventListener("click", (event) => {
    const frame = picture.getBoundingClientRect();
    const x = event.clientX - frame.left;
    const y = event.clientY - frame.top;
    const row = Math.min(2, Math.floor(y / ROW));
    const distances = shown[row].map((value, i) => Math.hypot(place(value) - x, row * ROW + lift(i) - y));
    const nearest = distances.indexOf(Math.min(...distances));
    if (distances[nearest] < 20) choose("tracked", nearest);
  });
  return follow(model, ["change:at", "change:data"], stage, { draw, fit, dispose });
}

export default { render };
