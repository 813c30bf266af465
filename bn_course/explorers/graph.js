// One batch through batch norm's graph and its gradient back. Python has computed every number (graph.py); what
// is known at a step is decided here.
import { follow, set, svg } from "../live/drawing.js";
import { element, mount, valuesOf } from "../live/shell.js";

/** What is shown at a step: each card's and each arrow's numbers, and whether the step is at it. */
export function compute({ step }, { nodes, arrows, steps }) {
  const known = ([name, value, forth, gradient, back]) => ({
    name,
    value: forth <= step ? value : "",
    gradient: back <= step ? gradient : "",
    now: step === forth || step === back,
  });
  const [heading, lines] = steps[step];
  return { step, last: steps.length - 1, heading, lines, nodes: nodes.map(known), arrows: arrows.map(known) };
}

export function describe({ step, last, heading, lines, nodes }) {
  const known = [
    ...nodes.filter(({ value }) => value).map(({ name, value }) => `${name} = ${value}`),
    ...nodes.filter(({ gradient }) => gradient).map(({ name, gradient }) => `d${name} = ${gradient}`),
  ];
  return `Step ${step} of ${last} through the graph of batch norm. ${heading}: ${lines.join("; ")}. ` +
    `Known: ${known.join("; ")}.`;
}

const NARROW = 600; // a page below this has the graph going down

function makeCard(name, [x, y, width, height], beside) {
  const box = svg("rect", { x: x - width / 2, y: y - height / 2, width, height, rx: 6 });
  const [value, gradient] = [svg("text", { x, y: y - 9 }), svg("text", { x, y: y + 11, class: "bn-back" })];
  const [across, down, anchor] = beside;
  const label = svg("text", { x: x + across, y: y + down, class: "bn-name", "text-anchor": anchor }, name);
  const node = svg("g", {}, box, value, gradient, label);
  return {
    node,
    show(known) {
      value.textContent = known.value;
      gradient.textContent = known.gradient;
      node.classList.toggle("bn-now", known.now);
    },
  };
}

/** The tip of an arrow that comes from `from`. */
function tip(from, to) {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  const [a, b] = [(to[0] - from[0]) / length, (to[1] - from[1]) / length];
  const side = (turn) => `${to[0] - 10 * a - turn * 4.5 * b} ${to[1] - 10 * b + turn * 4.5 * a}`;
  return `M${to.join(" ")}L${side(1)}L${side(-1)}Z`;
}

function makeArrow([start, end, [x, y, anchor]]) {
  const line = svg("path", { d: `M${start.join(" ")}L${end.join(" ")}`, class: "bn-line" });
  const head = svg("path", {});
  const number = svg("text", { x, y, "text-anchor": anchor });
  const node = svg("g", {}, line, head, number);
  return {
    node,
    show({ value, gradient, now }) {
      set(head, { d: gradient ? tip(end, start) : tip(start, end) });
      number.textContent = gradient || value;
      set(node, { class: gradient ? "bn-back" : value ? "bn-forth" : "bn-waits" });
      node.classList.toggle("bn-now", now);
    },
  };
}

/** A drawing of the graph laid out in one way. */
function makeGraph({ size: [width, height], cards, arrows }, isTall) {
  const beside = (x, y, wide) => {
    if (wide > 80) return isTall ? [-wide / 2, -31, "start"] : [0, -31, "middle"]; // above four numbers
    return isTall ? [wide / 2 + 8, 0, "start"] : [0, 34, "middle"];
  };
  const made = {
    nodes: Object.fromEntries(Object.entries(cards).map(([name, card]) =>
      [name, makeCard(name, card, beside(...card))])),
    arrows: Object.fromEntries(Object.entries(arrows).map(([name, arrow]) => [name, makeArrow(arrow)])),
  };
  const parts = [...Object.values(made.arrows), ...Object.values(made.nodes)];
  const node = svg("svg", { role: "img", viewBox: `0 0 ${width} ${height}`, width },
    ...parts.map((part) => part.node));
  return {
    node,
    show(result) {
      for (const kind of ["nodes", "arrows"]) result[kind].forEach((known) => made[kind][known.name].show(known));
      set(node, { "aria-label": describe(result) });
    },
  };
}

export function render({ model, el }) {
  const controls = model.get("_controls");
  const { root, stage, choose, dispose } = mount(model, el);
  root.classList.add("bn-graph");
  const { layouts } = model.get("data");
  const graphs = { wide: makeGraph(layouts.wide, false), tall: makeGraph(layouts.tall, true) };
  const heading = element("div", { className: "bn-heading", "aria-live": "polite" });
  const lines = element("div", { className: "bn-lines", "aria-live": "polite" });
  const place = element("div", { className: "bn-place" });
  const by = (name, steps) => {
    const button = element("button", { type: "button", className: "bn-button" }, name);
    button.addEventListener("click", () => choose("step", model.get("at").step + steps));
    return button;
  };
  const [back, next] = [by("Back", -1), by("Next", 1)];
  const note = element("p", { className: "bn-note" },
    "Upper numbers: values, which go with the arrows. Blue: gradients, which come back. Heavy: this step.");
  stage.append(heading, place, lines, element("div", { className: "bn-go" }, back, next), note);

  const draw = () => {
    const result = compute(valuesOf(controls, model.get("at")), model.get("data"));
    const graph = graphs[stage.clientWidth && stage.clientWidth < NARROW ? "tall" : "wide"];
    if (place.firstChild !== graph.node) place.replaceChildren(graph.node);
    graph.show(result);
    heading.textContent = `${result.step} of ${result.last}. ${result.heading}`;
    lines.replaceChildren(...result.lines.map((line) => element("div", {}, line)));
    back.disabled = result.step === 0;
    next.disabled = result.step === result.last;
  };
  return follow(model, ["change:at"], stage, { draw, dispose });
}

export default { render };
