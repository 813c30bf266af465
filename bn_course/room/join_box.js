// A room that the learner has joined: what it sees, a raised hand, and the way out.
import { element, keepKeys, tellWhenGone, words } from "../live/shell.js";

export function render({ model, el }) {
  const said = element("strong", { role: "status" });
  const hand = element("button", { type: "button", className: "bn-button" });
  const leave = element("button", { type: "button", className: "bn-button" }, "Leave the room");
  hand.addEventListener("click", () => model.send({ hand: !model.get("hand") }));
  leave.addEventListener("click", () => model.send({ leave: true }));
  const root = element("section", { className: "bn-prediction bn-room", "aria-label": `Room ${model.get("_room")}` },
    said, element("p", {}, words(model.get("sees").replace("leave()", "`leave()`"))),
    element("div", { className: "bn-record" }, hand, leave));
  root.append(tellWhenGone(model, root, "The kernel was started anew: run its cell again to raise your hand."));
  keepKeys(root);
  el.replaceChildren(root);

  const follow = () => {
    const up = model.get("hand");
    said.textContent = [model.get("said"), up ? "Your hand is up." : ""].join(" ").trim();
    hand.textContent = up ? "Take my hand down" : "Raise my hand";
    [hand, leave].forEach((button) => { button.disabled = model.get("left"); });
  };
  const traits = ["change:said", "change:hand", "change:left"];
  traits.forEach((trait) => model.on(trait, follow));
  follow();
  return () => traits.forEach((trait) => model.off(trait, follow));
}

export default { render };
