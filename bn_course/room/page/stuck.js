// Who is stuck on what: hands, misconceptions with what to ask next, and the questions.
import { byId, element, keyed, many, say, words } from "./dom.js";

const minutes = (count) => `${Math.round(count)} min`;
const item = () => element("li");
const nobody = (list) => (list.length ? list : [null]); // one line that says so

function listed(id, list, key, none, text) {
  const name = (one, place) => (one ? key(one, place) : "none");
  const numbered = nobody(list).map((one, place) => [one, place]);
  keyed(byId(id), numbered, ([one, place]) => name(one, place), item,
    (node, [one]) => say(node, one ? text(one) : none));
}

function makeMistake() {
  return element("li", {}, element("details", {}, element("summary"), element("div")));
}

/** How many have it; unfolded, what it is, where, what to ask, and the smallest input on which it failed. */
function showMistake(node, { key, learners, did, why, questions }) {
  const [summary, inside] = node.firstChild.children;
  const text = `${learners} × ${key}`;
  if (summary.textContent !== text) {
    summary.replaceChildren(element("strong", {}, `${learners} × `), key);
  }
  const content = JSON.stringify([did, why, questions]);
  if (inside.dataset.content === content) return; // what somebody reads stays under their eyes
  inside.dataset.content = content;
  inside.replaceChildren(element("p", {}, words(`${did} ${why}`)), ...questions.flatMap(place));
}

function place({ question, learners, ask, example }) {
  const [put, good] = ask;
  return [
    element("h4", {}, `${question}: ${many(learners, "learner")}`),
    element("p", {}, element("strong", {}, "Ask: "), words(put)),
    element("p", {}, element("strong", {}, "A good answer: "), words(good)),
    ...(example ? [element("p", {}, element("strong", {}, "Somebody's: ")), element("pre", {}, example)] : []),
  ];
}

function makeRow() {
  const row = element("tr", {}, element("th", { scope: "row" }));
  for (let column = 0; column < 5; column += 1) row.append(element("td"));
  return row;
}

function showRow(row, one) {
  const cells = [one.question, one.not_begun, one.trying, one.passed, one.attempts, Math.round(one.minutes)];
  cells.forEach((cell, column) => say(row.children[column], String(cell)));
}

export function showStuck(state) {
  const { hands, misconceptions, questions, stuck, sections } = state;
  listed("hands", hands, (_one, number) => number, "Nobody has a hand up.", ({ name, minutes: since, question }) =>
    `${name ?? "Somebody"}, for ${minutes(since)}${question ? `, after ${question}` : ""}`);
  byId("mistakes").hidden = !misconceptions.length;
  keyed(byId("mistakes"), misconceptions, ({ key }) => key, makeMistake, showMistake);
  keyed(byId("questions"), questions, ({ question }) => question, makeRow, showRow);
  listed("long", stuck, (_one, number) => number, "Nobody.", (one) =>
    `${one.name ?? "Somebody"}: ${one.question}, ${one.attempts} attempts, ${minutes(one.minutes)}` +
    (one.misconceptions.length ? `, ${one.misconceptions.join(", ")}` : ""));
  listed("places", sections, ({ section }) => section, "Not known yet.", ({ section, learners }) =>
    `${section}: ${learners}`);
}
