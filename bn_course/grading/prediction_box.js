// A prediction: letters or a number, how sure one is, and a button that records both. While a room votes on it,
// it is a ballot, with the seconds that are left.
import { element, freshName, keepKeys, makeChoice, tellWhenGone } from "../live/shell.js";

function makeNumber(label) {
  const input = element("input", { type: "text", id: freshName(), placeholder: "a number", autocomplete: "off" });
  const node = element("div", { className: "bn-number" }, element("label", { htmlFor: input.id }, label), input);
  return { node, input };
}

/** The seconds until a vote closes; `show(null)` where none is open or it has no end. */
function makeCountdown() {
  const node = element("span", { role: "timer" });
  let ticking = null;
  const show = (left) => {
    clearInterval(ticking);
    node.textContent = "";
    if (left === null) return;
    const end = performance.now() + 1000 * left;
    const tick = () => {
      node.textContent = `${Math.max(0, Math.ceil((end - performance.now()) / 1000))} s`;
    };
    tick();
    ticking = setInterval(tick, 250);
  };
  return { node, show };
}

export function render({ model, el }) {
  const letters = model.get("_letters");
  const levels = Object.entries(model.get("_sure"));
  let answer = null;
  let sure = 1; // rather sure

  const record = () => model.send({ record: [answer, levels[sure][1]] });
  const label = "I predict";
  const asked = letters.length
    ? makeChoice({ label, texts: model.get("_texts") }, (index) => { answer = letters[index]; })
    : makeNumber(label);
  asked.input?.addEventListener("input", () => { answer = asked.input.value.trim(); });
  asked.input?.addEventListener("keydown", (event) => { if (event.key === "Enter") record(); });
  const confidence = makeChoice({ label: "and this is", texts: levels.map(([text]) => text) },
    (index) => { sure = index; });
  const button = element("button", { type: "button", className: "bn-button" }, "Record");
  button.addEventListener("click", record);
  const said = element("span", { role: "status" });
  const countdown = makeCountdown();
  if (model.get("_texts").join("").length > 16) asked.node.classList.add("bn-texts");
  const root = element("section", { className: "bn-prediction", "aria-label": `Prediction ${model.get("_name")}` },
    asked.node, confidence.node, element("div", { className: "bn-record" }, button, countdown.node, said));
  root.append(tellWhenGone(model, root,
    "The kernel was started anew and does not hear this: run its cell again."));
  keepKeys(root);
  el.replaceChildren(root);

  const choose = (entry) => {
    answer = entry?.answer ?? null;
    if (asked.input) asked.input.value = answer ?? "";
    else asked.show(letters.indexOf(answer));
    if (entry) sure = levels.findIndex(([, percent]) => percent === entry.sure);
  };
  let ballot = null;
  const follow = () => {
    said.textContent = model.get("said");
    const [made, vote] = [model.get("made"), model.get("vote")];
    const anew = vote?.id !== ballot;
    ballot = vote?.id;
    if (vote?.open ? anew : made || vote) choose(vote?.open && vote.again ? null : vote?.mine ?? made);
    confidence.show(sure);
    button.textContent = vote ? "Vote" : "Record";
    countdown.show(vote?.open ? vote.left : null);
    root.classList.toggle("bn-voting", Boolean(vote?.open));
    const closed = vote ? !vote.open : Boolean(made);
    root.querySelectorAll("input, button").forEach((control) => { control.disabled = closed; });
  };
  const traits = ["change:said", "change:made", "change:vote"];
  traits.forEach((trait) => model.on(trait, follow));
  follow();
  if (model.get("vote")) model.send({ look: true });
  return () => {
    countdown.show(null);
    traits.forEach((trait) => model.off(trait, follow));
  };
}

export default { render };
