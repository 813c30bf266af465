// Items, one after another: a question, choices, what came of the answer, and on.
import { element, keepKeys, makeChoice, tellWhenGone, words } from "../live/shell.js";

export function render({ model, el }) {
  const label = model.get("_label");
  const where = element("p", { className: "bn-where" });
  const text = element("p", { className: "bn-asked" });
  const code = element("pre", { className: "bn-code", tabIndex: 0 });
  const choices = element("div");
  const said = element("p", { className: "bn-said", role: "status" });
  const button = element("button", { type: "button", className: "bn-button" });
  const root = element("section", { className: "bn-prediction bn-quiz", "aria-label": label },
    where, text, code, choices, element("div", { className: "bn-record" }, button), said);
  root.append(tellWhenGone(model, root,
    "The kernel was started anew and does not hear this: run its cell again."));
  keepKeys(root);
  el.replaceChildren(root);

  let place = null;
  const answered = () => Boolean(model.get("shown").said);
  button.addEventListener("click", () => {
    if (answered()) model.send({ go_on: true });
    else if (place === null) said.textContent = "Choose one first.";
    else model.send({ choose: place });
  });

  const follow = () => {
    const shown = model.get("shown");
    const hadFocus = root.contains(document.activeElement);
    where.textContent = shown.where;
    text.replaceChildren(words(shown.text));
    code.textContent = shown.code;
    code.hidden = !shown.code;
    if (!answered()) {
      place = null;
      const offered = shown.choices.length
        ? [makeChoice({ label: "I choose", texts: shown.choices }, (index) => { place = index; }).node] : [];
      choices.replaceChildren(...offered);
    }
    choices.querySelectorAll("input").forEach((input, index) => {
      input.disabled = answered();
      input.closest("label").classList.toggle("bn-right", answered() && index === shown.right);
    });
    said.replaceChildren(words(shown.said));
    button.textContent = answered() ? "Next" : "Answer";
    button.hidden = shown.done;
    if (hadFocus) (answered() ? button : choices.querySelector("input") ?? root).focus();
  };
  model.on("change:shown", follow);
  follow();
  return () => model.off("change:shown", follow);
}

export default { render };
