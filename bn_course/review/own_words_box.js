// Explain in your own words: a text, then a model answer and points to tick beside it.
import { element, freshName, keepKeys, tellWhenGone } from "../live/shell.js";

export function render({ model, el }) {
  const area = element("textarea", { id: freshName(), rows: 4, className: "bn-writing" });
  const question = element("label", { htmlFor: area.id }, model.get("_question"));
  const button = element("button", { type: "button", className: "bn-button" });
  const said = element("span", { role: "status" });
  const compared = element("div", { className: "bn-compared" });
  const root = element("section", { className: "bn-prediction", "aria-label": "In your own words" },
    question, area, element("div", { className: "bn-record" }, button, said), compared);
  root.append(tellWhenGone(model, root,
    "The kernel was started anew and does not hear this: run its cell again."));
  // Every key belongs to the text while one writes, but for running the cell.
  area.addEventListener("keydown", (event) => { if (!event.ctrlKey && !event.metaKey) event.stopPropagation(); });
  keepKeys(root);
  el.replaceChildren(root);

  const ticked = () => [...compared.querySelectorAll("input")].map((input) => input.checked);
  const keep = () => model.send({ keep: [area.value, ticked()] });
  button.addEventListener("click", keep);

  const compare = () => {
    const points = model.get("_points");
    const written = model.get("written");
    if (!written || compared.childElementCount) return;
    area.value = written.text;
    button.textContent = "Keep";
    const boxes = points.map((point, index) => {
      const input = element("input", { type: "checkbox", checked: Boolean(written.ticked[index]) });
      input.addEventListener("change", keep);
      return element("label", {}, input, point);
    });
    compared.append(element("p", { className: "bn-model" }, "A model answer: ", model.get("_answer")),
      element("fieldset", { className: "bn-control bn-choice bn-wide" },
        element("legend", {}, "Mine has"), element("div", { className: "bn-options bn-points" }, ...boxes)));
  };
  button.textContent = "Compare";
  const tell = () => { said.textContent = model.get("said"); };
  model.on("change:written", compare);
  model.on("change:said", tell);
  compare();
  tell();
  return () => { model.off("change:written", compare); model.off("change:said", tell); };
}

export default { render };
