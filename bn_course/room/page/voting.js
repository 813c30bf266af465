// The vote: its buttons, its countdown, and the figure of what came of it.
import { byId, element, keyed, many, say, words } from "./dom.js";
import { dots } from "./dots.js";
import { fitting, moved, said } from "./said.js";

const form = byId("controls");
const buttons = [...form.querySelectorAll("[data-action]")];
let current = null; // the vote as it was last told
let ends = null; // when it closes, on this page's clock

async function press(action) {
  const seconds = ["open", "revote"].includes(action) ? byId("seconds").valueAsNumber || null : null;
  const question = action === "open" ? byId("question").value : null;
  byId("refused").textContent = await send({ action, question, seconds });
}

/** Ask the server for a button's work; what it says against it, or "". */
export async function send(body) {
  try {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch("control", { method: "POST", headers, body: JSON.stringify(body) });
    return answer.ok ? "" : (await answer.json()).error;
  } catch {
    return "The server did not answer. Nothing was changed.";
  }
}

function tick() {
  const left = ends === null ? null : Math.max(0, Math.ceil((ends - performance.now()) / 1000));
  say(byId("timer"), left === null ? "" : many(left, "second"));
}

function offer(names, done) {
  const list = byId("question");
  if (list.options.length) {
    [...list.options].forEach((option) => {
      option.text = done.includes(option.value) ? `${option.value} (done)` : option.value;
    });
    return;
  }
  const groups = Map.groupBy?.(names, (name) => name.slice(0, 2)) ?? new Map([["", names]]);
  groups.forEach((some, lesson) => list.append(
    element("optgroup", { label: `Lesson ${lesson}` }, ...some.map((name) => new Option(name, name)))));
}

function makeChoice() {
  const bars = element("div", { className: "bars" });
  return element("li", {}, element("p", { className: "choice" }), bars);
}

/** One bar for each round that is shown: as long as its share, with the count and how sure they were. */
function showChoice(node, [letter, text], vote) {
  const right = vote.outcome === letter;
  node.classList.toggle("right", right);
  node.firstChild.replaceChildren(words(text), right ? " ✓ right" : "");
  const rounds = vote.rounds.filter(({ counts }) => counts);
  keyed(node.lastChild, rounds, ({ round }) => round, makeBar, (bar, round) => {
    const count = round.counts[letter] ?? 0;
    bar.className = `bar ${round.round < vote.rounds.length ? "before" : "after"}`;
    bar.firstChild.firstChild.style.width = `${100 * count / Math.max(1, round.answered)}%`;
    const sure = count ? `, ${round.sure[letter]} % sure` : "";
    say(bar.lastChild, `${count}${sure}`);
  });
}

function makeBar() {
  const fill = element("span", { className: "fill" });
  return element("div", {}, element("span", { className: "track" }, fill), element("span", { className: "label" }));
}

export function showVote(state) {
  const { vote } = state;
  if (vote && vote.vote !== current?.vote) byId("question").value = vote.question;
  current = vote;
  offer(state.predictions, state.votes);
  allow();
  byId("ballot").hidden = !vote;
  byId("voting").classList.toggle("open", vote?.state === "open");
  ends = vote?.left == null ? null : performance.now() + 1000 * vote.left;
  tick();
  if (!vote) return;
  byId("text").replaceChildren(words(vote.text ?? ""));
  say(byId("said"), said(vote, state.learners));
  byId("legend").hidden = !(vote.rounds.length > 1 && vote.rounds.at(-1).counts);
  keyed(byId("choices"), Object.entries(vote.choices ?? {}), ([letter]) => `${vote.vote}${letter}`, makeChoice,
    (node, choice) => showChoice(node, choice, vote));
  byId("numbers").replaceChildren(...(vote.choices ? [] : dots(vote)));
  say(byId("moves"), moved(vote));
}

/** Buttons that do not fit now cannot be pressed; focus goes on to the next that can. */
function allow() {
  const fits = fitting(current, byId("question").value);
  const lost = document.activeElement?.dataset.action && !fits[document.activeElement.dataset.action];
  buttons.forEach((button) => { button.disabled = !fits[button.dataset.action]; });
  if (lost) buttons.find((button) => !button.disabled)?.focus();
}

buttons.forEach((button) => button.addEventListener("click", () => press(button.dataset.action)));
form.addEventListener("submit", (event) => event.preventDefault());
byId("question").addEventListener("change", allow);
setInterval(tick, 250);
