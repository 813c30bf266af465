// Numbers that a room has predicted: a dot each on one axis, a row for each round, and the outcome as a line.
import { median, short } from "./said.js";

const [WIDTH, ROW, LEFT, RIGHT] = [1000, 90, 110, 970];
const SPACE = "http://www.w3.org/2000/svg";

function draw(tag, attributes, text = "") {
  const node = document.createElementNS(SPACE, tag);
  Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
  node.textContent = text;
  return node;
}

/** A place on the axis for each number: by ratio where all are positive and far apart, else by difference. */
export function scale(numbers) {
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const by = low > 0 && high / low > 20 ? Math.log : (x) => x;
  const [from, to] = [by(low), by(high)];
  return (x) => (to > from ? LEFT + (RIGHT - LEFT) * (by(x) - from) / (to - from) : (LEFT + RIGHT) / 2);
}

function row(round, place, at, names) {
  const y = place * ROW + 45;
  const label = draw("text", { x: 0, y: y + 8, class: "name" }, names[place]);
  const middle = draw("line", { x1: at(median(round.numbers)), x2: at(median(round.numbers)), y1: y - 26, y2: y + 26,
    class: "median" });
  const seen = new Map();
  const points = round.numbers.map((x) => {
    const many = seen.get(x) ?? 0;
    seen.set(x, many + 1);
    const up = (many % 2 ? 1 : -1) * Math.ceil(many / 2) * 7;
    return draw("circle", { cx: at(x), cy: y + Math.max(-28, Math.min(28, up)), r: 7, class: "dot" });
  });
  return [label, ...points, middle];
}

/** The figure as a list of nodes: empty until there is something to show. */
export function dots(vote) {
  const rounds = vote.rounds.filter(({ numbers }) => numbers?.length);
  if (!rounds.length) return [];
  const all = [...rounds.flatMap(({ numbers }) => numbers), ...(vote.outcome === null ? [] : [vote.outcome])];
  const [at, height] = [scale(all), rounds.length * ROW + 50];
  const names = rounds.length > 1 ? ["before", "after"] : [""];
  const ends = [Math.min(...all), Math.max(...all)];
  const told = rounds.map(({ numbers }, place) => `${names[place]} ${numbers.map(short).join(", ")}`.trim());
  const figure = draw("svg", { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", class: "dots",
    "aria-label": `Predicted: ${told.join("; ")}` });
  figure.append(draw("line", { x1: LEFT, x2: RIGHT, y1: height - 40, y2: height - 40, class: "axis" }));
  [...new Set(ends)].forEach((x) => figure.append(
    draw("text", { x: at(x), y: height - 10, "text-anchor": "middle", class: "tick" }, short(x))));
  if (vote.outcome !== null) {
    const x = at(vote.outcome);
    figure.append(draw("line", { x1: x, x2: x, y1: 0, y2: height - 40, class: "outcome" }));
  }
  rounds.forEach((round, place) => figure.append(...row(round, place, at, names)));
  return [figure];
}
