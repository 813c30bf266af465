// The loss over two weights and a descent on it, in the browser. `compute`, `describe` and `arithmetic`
// say the same as rays.py, and a test holds them to it.
import { element, freshName, mount, valuesOf } from "../live/shell.js";
import { follow, number, set, svg } from "../live/drawing.js";

const LAST = 40;
const HALF = 3; // both planes show −3 … 3
const BOWL = Array.from({ length: 9 }, (_, k) => 0.6 * (k + 1));
const RAYS = Array.from({ length: 9 }, (_, k) => 0.1 * (k + 1));
const LOST = 100;

const length = ([a, b]) => Math.sqrt(a * a + b * b);
const degrees = (radians) => (180 * radians) / Math.PI;

function lossAndSlope([w1, w2], batchNorm, { C: [c11, c12, c22], c: [c1, c2] }) {
  const [u1, u2] = [c11 * w1 + c12 * w2, c12 * w1 + c22 * w2];
  const [square, along] = [w1 * u1 + w2 * u2, c1 * w1 + c2 * w2];
  if (!batchNorm) return [square / 2 - along + 0.5, [u1 - c1, u2 - c2]];
  const s = Math.sqrt(square);
  const share = along / square;
  return [1 - along / s, [(share * u1 - c1) / s, (share * u2 - c2) / s]];
}

function descend({ w1, w2, rate, decay }, batchNorm, data) {
  const path = [[w1, w2]];
  for (let step = 0; step < LAST; step += 1) {
    const w = path[step];
    const slope = lossAndSlope(w, batchNorm, data)[1];
    path.push(length(w) < LOST ? w.map((v, i) => (1 - rate * decay) * v - rate * slope[i]) : w);
  }
  return path;
}

export function compute(params, data) {
  const { w1, w2, rate, decay, step } = params;
  if (w1 === 0 && w2 === 0) {
    throw new Error("w = (0, 0) gives every example the same output, and its deviation 0");
  }
  const [none, batch] = [false, true].map((norm) => descend(params, norm, data));
  const at = batch[step];
  const [loss, slope] = lossAndSlope(at, true, data);
  const shrunk = 1 - rate * decay;
  const after = at.map((v, i) => shrunk * v - rate * slope[i]);
  return {
    params, none, batch, slope,
    losses: [lossAndSlope(none[step], false, data)[0], loss],
    lengths: [batch[0], at, after].map(length),
    turn: degrees(Math.atan2(length(slope) * rate, shrunk * length(at))),
  };
}

export function sentence({ params, none, lengths: [start, now, after] }) {
  if (params.decay && now < start && after > 1.1 * now) {
    return "Decay drew w in so far that a step turns it too much, and throws it out";
  }
  if (length(none[params.step]) >= LOST && now >= start) {
    return "Too large a rate for the bowl; on the rays w grows long and turns less";
  }
  if (params.decay && now < start) {
    return "Decay draws w in along its ray: the same loss, and larger turns to come";
  }
  if (params.decay) return "Each turn lengthens w, and decay draws it in again";
  return "With batch norm each step stands at right angles to w, and lengthens it";
}

export function describe(result) {
  const { params: { w1, w2, rate, decay, step }, none, batch, losses, lengths: [start, now], turn } = result;
  const point = (w) => `(${number(w[0], 1)}, ${number(w[1], 1)})`;
  const inBowl = length(none[step]) >= LOST ? "far outside" : point(none[step]);
  return "The loss over two weights: a bowl without normalisation, and with batch norm the same all along " +
    `each ray from 0. ${sentence(result)}. From ${point([w1, w2])} at rate ` +
    `${rate} with decay ${decay}, w is at step ${step} ${inBowl} in the bowl and ` +
    `${point(batch[step])} on the rays, where its length went from ${number(start)} to ${number(now)}, the ` +
    `loss is ${number(losses[1])} and the next step turns w by ${number(turn, 1)}°.`;
}

/** The next step with batch norm: [what, in symbols, in numbers, result]. */
export function arithmetic({ params: { rate, decay, step }, slope, lengths: [, now, after], turn }) {
  const [long, steep] = [number(now), number(length(slope), 3)];
  const shrunk = number(1 - rate * decay, 3);
  return [
    [`Before step ${step + 1}`, "‖w‖", "", long],
    ["Effective rate", "η / ‖w‖²", `${rate} / ${long}²`, number(rate / now ** 2, 3)],
    ["Its turn", "arctan(η‖∇L‖ / (1 − ηλ)‖w‖)", `arctan(${rate} · ${steep} / ${shrunk} · ${long})`,
      `${number(turn, 1)}°`],
    ["After it", "‖w‖", "", number(after)],
  ];
}

// What follows draws.

const times = ([[a, b], [c, d]], [x, y]) => [a * x + b * y, c * x + d * y];
const onCircle = (radius, angle) => [radius * Math.cos(angle), radius * Math.sin(angle)];

/** Points of equal loss in the bowl. */
function ellipse(radius, { best, back }) {
  return Array.from({ length: 72 }, (_, i) => times(back, onCircle(radius, (i * Math.PI) / 36)))
    .map(([x, y]) => [best[0] + x, best[1] + y]);
}

/** Where the loss with batch norm is more than this share of the way up. */
function wedge(share, { best, back }) {
  const [[a, b], [c, d]] = back;
  const middle = Math.atan2(a * best[1] - c * best[0], d * best[0] - b * best[1]);
  const half = Math.acos(1 - 2 * share);
  const turned = (i) => middle + half + (i / 48) * 2 * (Math.PI - half);
  return [[0, 0], ...Array.from({ length: 49 }, (_, i) => times(back, onCircle(9 * HALF, turned(i))))];
}

/** One plane: what stands still, and `draw(result, path)` for what moves. */
function makePlane(norm, data) {
  const clip = freshName();
  const ground = svg("g", { "clip-path": `url(#${clip})` });
  const paper = svg("rect", { class: "bn-plane", fill: "transparent" });
  const frame = svg("rect", { class: "bn-frame" });
  const hole = svg("rect");
  const name = svg("text", { "font-weight": 600 }, norm === "none" ? "Without: a bowl" : "Batch norm: rays");
  const ticks = [-3, -2, -1, 0, 1, 2, 3].flatMap((value) => [0, 1].map((axis) => ({
    value, axis, text: svg("text", { class: "bn-tick" }, number(value, 0)),
  })));
  const axes = ["w₁", "w₂"].map((symbol) => svg("text", { class: "bn-tick" }, symbol));
  const lines = (norm === "none" ? BOWL.map((r) => ellipse(r, data)) : RAYS.map((s) => wedge(s, data)))
    .map((points) => ({ points, node: svg("path", { class: "bn-above", "fill-rule": "evenodd" }) }));
  const parts = ["ring", "turn", "arm", "path", "visited", "across", "inwards", "corner"];
  const moving = Object.fromEntries(parts.map((part) => [part, svg("path", { class: `bn-${part}` })]));
  const now = svg("circle", { r: 5, class: "bn-now" });
  const start = svg("circle", { r: 6, class: "bn-start" });
  const grab = svg("circle", { r: 22, class: "bn-grab" });
  ground.append(...lines.map(({ node }) => node), ...Object.values(moving), start, now);
  const node = svg("g", { class: `bn-of-${norm}` }, svg("clipPath", { id: clip }, hole),
    name, ground, frame, paper, ...ticks.map(({ text }) => text), ...axes, grab);
  let place;

  const joined = (points) => `M${points.map(place).join("L")}`;
  const fit = (left, top, side) => {
    place = ([x, y]) => [left + ((x + HALF) / (2 * HALF)) * side, top + ((HALF - y) / (2 * HALF)) * side]
      .map((v) => Math.round(Math.max(-9999, Math.min(9999, v)) * 10) / 10);
    for (const rect of [paper, frame, hole]) set(rect, { x: left, y: top, width: side, height: side });
    set(name, { x: left, y: top - 8 });
    for (const { value, axis, text } of ticks) {
      const [x, y] = place(axis ? [-HALF, value] : [value, -HALF]);
      set(text, axis ? { x: x - 12, y: y + 4 } : { x, y: y + 15 });
    }
    const [x, y] = place([-HALF, -HALF]);
    set(axes[0], { x: x + side / 2 + side / 12, y: y + 15 });
    set(axes[1], { x: x - 13, y: y - side / 2 - side / 12 + 4 });
    const far = norm === "none" ? `M${left - 999} ${top - 999}h3999v3999h-3999z` : "";
    for (const { points, node: line } of lines) set(line, { d: `${far}${joined(points)}Z` });
  };

  const draw = ({ params: { step, rate, decay }, slope, lengths }, path) => {
    const at = path[step];
    const put = (circle, w) => { const [cx, cy] = place(w); set(circle, { cx, cy }); };
    [[start, path[0]], [grab, path[0]], [now, at]].forEach(([circle, w]) => put(circle, w));
    const seen = path.slice(0, step + 1);
    set(moving.path, { d: joined(seen) });
    const dot = "m-2.4 0a2.4 2.4 0 1 0 4.8 0a2.4 2.4 0 1 0 -4.8 0";
    set(moving.visited, { d: seen.map((w) => `M${place(w)}${dot}`).join("") });
    if (norm === "none") return;
    const across = at.map((v, i) => v - rate * slope[i]);
    const after = across.map((v, i) => v - rate * decay * at[i]);
    const around = Array.from({ length: 73 }, (_, i) => onCircle(lengths[1], (i * Math.PI) / 36));
    // A little square where the step leaves w: 0.22 of the plane's unit along each.
    const back = at.map((v) => (-0.22 * v) / lengths[1]);
    const side = slope.map((v) => (-0.22 * v) / (length(slope) || 1));
    const plus = (...vectors) => [0, 1].map((i) => vectors.reduce((sum, v) => sum + v[i], 0));
    const corner = [plus(at, back), plus(at, back, side), plus(at, side)];
    set(moving.ring, { d: joined(around) });
    set(moving.arm, { d: joined([[0, 0], at]) });
    set(moving.turn, { d: `${joined([[0, 0], at, after])}Z` });
    set(moving.across, { d: joined([at, across]) });
    set(moving.inwards, { d: decay ? joined([across, after]) : "" });
    set(moving.corner, { d: rate * length(slope) > 0.3 && lengths[1] > 0.3 ? joined(corner) : "" });
  };
  return { node, fit, draw, grab, paper };
}

const NOTE = "Drag the open ring, the start, in either plane. Darker: larger loss; along a line it is the " +
  "same. At the right, solid: w as it is now; dashed: all weights of its length; orange: the step to come.";
const GAP = 44;

export function render({ model, el }) {
  const controls = model.get("_controls");
  const { root, stage, alert, dispose } = mount(model, el);
  root.classList.add("bn-rays");
  const both = ["none", "batch"].map((norm) => makePlane(norm, model.get("data")));
  const heading = element("div", { className: "bn-heading" });
  const picture = svg("svg", { role: "img" }, ...both.map(({ node }) => node));
  const numbers = element("div", { className: "bn-steps" });
  const note = element("p", { className: "bn-note" });
  stage.append(heading, picture, numbers, note);
  let layout = [];

  const draw = () => {
    let result;
    try {
      result = compute(valuesOf(controls, model.get("at")), model.get("data"));
    } catch (error) {
      alert(error.message);
      stage.classList.add("bn-outdated");
      return;
    }
    alert("");
    stage.classList.remove("bn-outdated");
    heading.textContent = sentence(result);
    both[0].draw(result, result.none);
    both[1].draw(result, result.batch);
    set(picture, { "aria-label": describe(result) });
    note.textContent = NOTE + (result.params.decay ? " Pink: what decay takes." : "");
    numbers.replaceChildren(...arithmetic(result).map(([what, symbols, figures, value]) =>
      element("div", { className: "bn-step" },
        element("span", { className: "bn-what" }, what),
        element("span", {}, symbols),
        element("span", {}, figures && `= ${figures}`),
        element("strong", {}, `= ${value}`))));
  };
  const fit = () => {
    const width = Math.max(300, stage.clientWidth || 700);
    const beside = width > 520;
    const side = Math.floor((beside ? width / 2 : width) - GAP);
    const top = 26;
    const [right, down] = beside ? [width / 2, 0] : [0, side + 2 * GAP - 16]; // from one plane to the other
    layout = both.map((_, i) => [GAP - 8 + i * right, top + i * down, side]);
    both.forEach(({ fit: place }, i) => place(...layout[i]));
    set(picture, { viewBox: `0 0 ${width} ${layout[1][1] + side + 22}` });
    draw();
  };

  const nearest = ({ values }, value) => Math.max(0, Math.min(values.length - 1,
    Math.round((value - values[0]) / (values[1] - values[0]))));
  const moveTo = (event, [left, top, side]) => {
    const box = picture.getBoundingClientRect();
    const scale = picture.viewBox.baseVal.width / box.width;
    const [x, y] = [(event.clientX - box.left) * scale - left, (event.clientY - box.top) * scale - top];
    const w = { w1: (x / side) * 2 * HALF - HALF, w2: HALF - (y / side) * 2 * HALF };
    const at = { ...model.get("at") };
    for (const name in w) at[name] = nearest(controls.find((control) => control.name === name), w[name]);
    model.set("at", at);
    model.save_changes();
  };
  both.forEach(({ grab, paper }, i) => {
    for (const node of [grab, paper]) {
      node.addEventListener("pointerdown", (event) => {
        if (!event.isPrimary || event.button) return;
        node.setPointerCapture(event.pointerId);
        moveTo(event, layout[i]);
        event.preventDefault();
      });
      node.addEventListener("pointermove", (event) => {
        if (node.hasPointerCapture(event.pointerId)) moveTo(event, layout[i]);
      });
    }
  });
  return follow(model, ["change:at"], stage, { draw, fit, dispose });
}

export default { render };
