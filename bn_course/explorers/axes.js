import { svg } from "../live/drawing.js";
import { element, mount, valuesOf } from "../live/shell.js";

// The cube of cells; `axes.py` is the same in Python and is what this is tested against.
// Arrays are flat, in the order of (n, c, h, w) whatever the layout in memory.

const NORMS = {
  batch: "each channel",
  layer: "each image",
  "pointwise layer": "each position of each image",
  instance: "each channel of each image",
  group: "each group of channels of each image",
};
const CUBE = [700, 330];
const [LEFT, RIGHT, TOP, BOTTOM] = [74, 10, 24, 24];
const LARGEST = 34;
const [LEAN, FALL, THICK, GAP, APART] = [0.42, 0.5, 0.26, 0.36, 0.9];
const HUES = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7"];
const TONES = [0, 0.32, 0.54, 0.7];
const MEMORY = 24; // height of the strip of memory
const MARGIN = 12;

const tuple = (numbers) => (numbers.length === 1 ? `(${numbers[0]},)` : `(${numbers.join(", ")})`);
const counted = (count, noun) => (count === 1 ? `${count} ${noun}` : `${count} ${noun}s`);

/** `cell`, where the cube has such a cell. */
export function selected({ cell, N, C, H, W }) {
  return cell && cell.every((i, axis) => i >= 0 && i < [N, C, H, W][axis]) ? cell : null;
}

export function compute(params) {
  const { N, C, H, W, layout, norm } = params;
  if (norm === "group" && C % params.num_groups) {
    throw new Error(`${params.num_groups} groups do not divide ${C} channels: every group needs as many channels`);
  }
  const groups = norm === "group" ? params.num_groups : 1;
  const group = (c) => Math.floor((c * groups) / C);
  // The positions of an image have a colour each; the next image repeats them.
  const place = (h, w) => [(h * W + w) % HUES.length, Math.floor((h * W + w) / HUES.length)];
  const [of, meanShape] = {
    batch: [(n, c) => [c, c, 0], [C]],
    layer: [(n) => [n, n, 0], [N]],
    "pointwise layer": [(n, c, h, w) => [(n * H + h) * W + w, ...place(h, w)], [N, H, W]],
    instance: [(n, c) => [n * C + c, c, n], [N, C]],
    group: [(n, c) => [n * groups + group(c), group(c), n], [N, groups]],
  }[norm];
  const address = layout === "NCHW"
    ? (n, c, h, w) => ((n * C + c) * H + h) * W + w
    : (n, c, h, w) => ((n * H + h) * W + w) * C + c;
  const { corner, unit } = geometry(params);
  const result = {
    params, unit, meanShape, numpy: expression(params), count: meanShape.reduce((a, b) => a * b),
    cells: [], statistic: [], hue: [], tone: [], address: [], corner: [],
  };
  for (let n = 0; n < N; n++) for (let c = 0; c < C; c++)
    for (let h = 0; h < H; h++) for (let w = 0; w < W; w++) {
      const [statistic, hue, tone] = of(n, c, h, w);
      result.cells.push([n, c, h, w]);
      result.statistic.push(statistic);
      result.hue.push(hue);
      result.tone.push(tone);
      result.address.push(address(n, c, h, w));
      result.corner.push(corner(n, c, h, w));
    }
  const addresses = result.address.filter((_, i) => result.statistic[i] === 0).sort((a, b) => a - b);
  result.runs = addresses.filter((a, i) => i === 0 || a > addresses[i - 1] + 1).length;
  return result;
}

function expression({ N, C, H, W, layout, norm, num_groups }) {
  const first = layout === "NCHW";
  if (norm === "group") {
    const size = C / num_groups;
    const shape = first ? [N, num_groups, size, H, W] : [N, H, W, num_groups, size];
    return `x.reshape${tuple(shape)}.mean(axis=${tuple(first ? [2, 3, 4] : [1, 2, 4])})`;
  }
  const averaged = { batch: "NHW", layer: "CHW", "pointwise layer": "C", instance: "HW" }[norm];
  const axes = [0, 1, 2, 3].filter((i) => averaged.includes(layout[i]));
  return `x.mean(axis=${tuple(axes)})`;
}

function geometry({ N, C, H, W }) {
  const across = W + LEAN * H + APART;
  const down = FALL * H + THICK + GAP;
  const room = [CUBE[0] - LEFT - RIGHT, CUBE[1] - TOP - BOTTOM];
  const unit = Math.min(room[0] / (N * across - APART), room[1] / (C * down - GAP), LARGEST);
  const x0 = LEFT + (room[0] - unit * (N * across - APART)) / 2;
  const y0 = TOP + (room[1] - unit * (C * down - GAP)) / 2;
  const corner = (n, c, h, w) =>
    [x0 + unit * (n * across + LEAN * (H - h) + w), y0 + unit * (c * down + FALL * h)];
  return { corner, unit };
}

function index(params) {
  return `x[${[...params.layout].map((letter) => params.cell["NCHW".indexOf(letter)]).join(", ")}]`;
}

function peersIndex({ cell: [n, c, h, w], C, layout, norm, num_groups }) {
  const size = C / num_groups;
  const low = Math.floor(c / size) * size;
  const channels = size === 1 ? `${c}` : `${low}:${low + size}`;
  const kept = {
    batch: { C: c },
    layer: { N: n },
    "pointwise layer": { N: n, H: h, W: w },
    instance: { N: n, C: c },
    group: { N: n, C: size === C ? ":" : channels },
  }[norm];
  return `x[${[...layout].map((letter) => kept[letter] ?? ":").join(", ")}]`;
}

/** What stands beside the cube: a term and what is to be said of it. */
export function facts(result) {
  const { params } = result;
  const each = result.cells.length / result.count;
  const said = [
    ["mean and variance",
      `one for ${NORMS[params.norm]}: shape ${tuple(result.meanShape)}, ${counted(each, "value")} each`],
    ["in NumPy", result.numpy],
    ["γ and β", `one for each channel: shape (${params.C},)`],
    ["in memory", `${counted(each, "value")} in ${counted(result.runs, "piece")} of ${each / result.runs}`],
  ];
  if (selected(params)) {
    const at = result.cells.findIndex((cell) => cell.every((i, axis) => i === params.cell[axis]));
    said.push(["this cell", `${index(params)}, at address ${result.address[at]}`]);
    said.push(["its peers", `${peersIndex(params)}, ${counted(each, "cell")}`]);
  }
  return said;
}

export function describe(result) {
  const { params } = result;
  const { N, C, H, W, layout, norm } = params;
  const each = result.cells.length / result.count;
  const text = `A cube of cells: ${counted(N, "image")} of ${counted(C, "channel")}, ${H} by ${W}, stored as `
    + `${layout}. Under ${norm} norm the cells of ${NORMS[norm]} share a colour, a mean and a variance: `
    + `${counted(result.count, "statistic")} of ${counted(each, "value")} each.`;
  return selected(params) ? `${text} The cell ${index(params)} has the peers ${peersIndex(params)}.` : text;
}

// What follows draws.

function colour(hue, tone, shade) {
  const channels = [1, 3, 5].map((i) => parseInt(HUES[hue].slice(i, i + 2), 16) / 255);
  const mixed = channels.map((v) => ((1 - TONES[tone]) * v + TONES[tone]) * (1 - shade));
  return `rgb(${mixed.map((v) => Math.round(255 * v)).join(" ")})`;
}

function polygon(points, fill) {
  return svg("polygon", { points: points.map((p) => p.map((v) => v.toFixed(2)).join()).join(" "), fill });
}

const plus = ([x, y], ...steps) => steps.reduce(([a, b], [c, d]) => [a + c, b + d], [x, y]);

function drawCell(result, i) {
  const { unit, params } = result;
  const [right, front, below] = [[1, 0], [-LEAN, FALL], [0, THICK]].map((v) => v.map((s) => s * unit));
  const p = result.corner[i];
  const [, , h, w] = result.cells[i];
  const node = svg("g", { class: "bn-cell", "data-i": i });
  const face = (corner, one, other, shade) => node.append(polygon(
    [corner, plus(corner, one), plus(corner, one, other), plus(corner, other)],
    colour(result.hue[i], result.tone[i], shade)));
  if (h === params.H - 1) face(plus(p, front), right, below, 0.18);
  if (w === params.W - 1) face(plus(p, right), front, below, 0.32);
  face(p, right, front, 0);
  return node;
}

function drawLabels(result) {
  const { unit, params: { N, C, H, W } } = result;
  const at = ([n, c, h, w]) => result.corner[((n * C + c) * H + h) * W + w];
  const label = (x, y, text, anchor) => svg("text", { x, y, "text-anchor": anchor }, text);
  const labels = [];
  for (let n = 0; n < N; n++) {
    const [x, y] = at([n, C - 1, H - 1, 0]);
    labels.push(label(x + (W * unit) / 2 - LEAN * unit, y + unit * (FALL + THICK) + 15, `image ${n}`, "middle"));
  }
  for (let c = 0; c < C; c++) {
    const [x, y] = at([0, c, H - 1, 0]);
    labels.push(label(x - LEAN * unit - 8, y + unit * FALL, `channel ${c}`, "end"));
  }
  const [x, y] = at([0, 0, 0, 0]);
  labels.push(label(x + (W * unit) / 2, y - 6, "w →", "middle"));
  labels.push(label(x - (LEAN * unit * H) / 2 - 6, y + (FALL * unit * H) / 2, "h ↙", "end"));
  return labels;
}

function drawMemory(result) {
  const width = (CUBE[0] - 2 * MARGIN) / result.cells.length;
  return result.cells.map((_, i) => svg("rect", {
    class: "bn-cell", "data-i": i, x: MARGIN + width * result.address[i], y: 0,
    width: Math.max(width - Math.min(0.8, width / 8), 0.5), height: MEMORY,
    fill: colour(result.hue[i], result.tone[i], 0),
  }));
}

// Which axis a key moves along, and which way. With Shift, a letter moves back.
const KEYS = {
  ArrowLeft: [3, -1], ArrowRight: [3, 1], ArrowUp: [2, -1], ArrowDown: [2, 1],
  n: [0, 1], c: [1, 1], h: [2, 1], w: [3, 1], N: [0, -1], C: [1, -1], H: [2, -1], W: [3, -1],
};

function render({ model, el }) {
  const { stage, alert, dispose } = mount(model, el);
  stage.classList.add("bn-axes");
  const cube = svg("svg", {
    viewBox: `0 0 ${CUBE.join(" ")}`, tabindex: 0, role: "application",
    "aria-roledescription": "cube of cells",
  });
  const memory = svg("svg", { viewBox: `0 0 ${CUBE[0]} ${MEMORY}`, "aria-hidden": "true", class: "bn-memory" });
  const order = element("p", { className: "bn-note" });
  const help = element("p", { className: "bn-note" },
    "Point at a cell, or click to keep it. By keyboard: Tab to the cube, then the arrows, or N, C, H, W "
    + "(with Shift: back); Escape lets go.");
  const list = element("dl", { className: "bn-facts" });
  stage.append(cube, order, memory, element("div", { role: "status" }, list), help);

  let kept = model.get("data").cell; // by click or key; what is pointed at goes before it
  let pointed = null;
  let result = null;

  const params = () => ({
    ...model.get("data"),
    ...valuesOf(model.get("_controls"), model.get("at")),
    cell: pointed ?? kept,
  });

  const select = () => {
    if (!result) return;
    result.params = params();
    const cell = selected(result.params);
    const at = cell ? result.cells.findIndex((other) => other.every((i, axis) => i === cell[axis])) : -1;
    for (const drawing of [cube, memory]) {
      drawing.classList.toggle("bn-some", at >= 0);
      for (const node of drawing.querySelectorAll(".bn-cell")) {
        const i = Number(node.dataset.i);
        node.classList.toggle("bn-peer", at >= 0 && result.statistic[i] === result.statistic[at]);
        node.classList.toggle("bn-chosen", i === at);
      }
    }
    // The outline of a cell lies above its neighbours' faces.
    cube.querySelector(".bn-outline")?.remove();
    if (at >= 0) {
      const outline = drawCell(result, at).lastChild;
      outline.setAttribute("class", "bn-outline");
      cube.append(outline);
    }
    cube.setAttribute("aria-label", describe(result));
    list.replaceChildren(...facts(result).flatMap(([term, said]) =>
      [element("dt", {}, term), element("dd", {}, said)]));
  };

  const draw = () => {
    try {
      result = compute(params());
    } catch (error) {
      alert(error.message);
      stage.classList.add("bn-outdated");
      return;
    }
    alert("");
    stage.classList.remove("bn-outdated");
    cube.replaceChildren(...result.cells.map((_, i) => drawCell(result, i)), ...drawLabels(result));
    memory.replaceChildren(...drawMemory(result));
    order.textContent = `The same cells as they lie in memory, ${result.params.layout}:`;
    select();
  };

  const cellOf = (event) => {
    const node = event.target.closest?.(".bn-cell");
    return node ? result.cells[Number(node.dataset.i)] : null;
  };
  for (const drawing of [cube, memory]) {
    drawing.addEventListener("pointerover", (event) => { pointed = cellOf(event); select(); });
    drawing.addEventListener("pointerleave", () => { pointed = null; select(); });
    drawing.addEventListener("click", (event) => {
      const cell = cellOf(event);
      kept = cell && String(cell) === String(kept) ? null : cell;
      select();
    });
  }
  cube.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") kept = null;
    else if (event.key in KEYS) {
      const [axis, step] = KEYS[event.key];
      const { N, C, H, W } = result.params;
      const size = [N, C, H, W][axis];
      const from = selected({ ...result.params, cell: kept });
      kept = from ? from.map((i, other) => (other === axis ? (i + step + size) % size : i)) : [0, 0, 0, 0];
    } else return;
    event.preventDefault();
    event.stopPropagation();
    pointed = null;
    select();
  });
  model.on("change:at", draw);
  draw();
  return () => {
    dispose();
    model.off("change:at", draw);
  };
}

export default { render };
