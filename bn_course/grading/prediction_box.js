// A prediction: letters or a number, how sure one is, and a button that records both.
import { element, freshName, keepKeys, makeChoice, tellWhenGone } from "../live/shell.js";

function makeNumber(label) {
  const input = element("input", { type: "text", id: freshName(), placeholder: "a number", autocomplete: "off" });
  const node = element("div", { className: "bn-number" }, element("label", { htmlFor: input.id }, label), input);
  return { node, input };
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
  if (model.get("_texts").join("").length > 16) asked.node.classList.add("bn-texts");
  const root = element("section", { className: "bn-prediction", "aria-label": `Prediction ${model.get("_name")}` },
    asked.node, confidence.node, element("div", { className: "bn-record" }, button, said));
  root.append(tellWhenGone(model, root,
    "The kernel was started anew and does not hear this: run its cell again."));
  keepKeys(root);
  el.replaceChildren(root);

  const follow = () => {
    said.textContent = model.get("said");
    const made = model.get("made");
    if (made) {
      if (asked.input) asked.input.value = made.answer;
      else asked.show(letters.indexOf(made.answer));
      sure = levels.findIndex(([, percent]) => percent === made.sure);
    }
    confidence.show(sure);
    root.querySelectorAll("input, button").forEach((control) => { control.disabled = Boolean(made); });
  };
  const traits = ["change:said", "change:made"];
  traits.forEach((trait) => model.on(trait, follow));
  follow();
  return () => traits.forEach((trait) => model.off(trait, follow));
}

export default { render };
