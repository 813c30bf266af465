// Predictions on a page: made once, kept in this browser and counted; the outcome unfolds when one is made.
import { still } from "../../bn_course/live/shell.js";
import { render } from "../../bn_course/grading/prediction_box.js";
import { KEY, keeper } from "./kept.js";

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
const FORGETS = "This browser keeps nothing: it is gone when you leave the page.";

/** Why an answer cannot be recorded; "" where it can. */
export function missing(letters, answer) {
  if (!answer) return letters ? "Choose one first." : "Write a number first.";
  const fine = letters || (NUMBER.test(answer) && Number.isFinite(Number(answer)));
  return fine ? "" : "A number, please, such as 0.5 or 1e-3.";
}

/** The box in `place`. Returns its name and `settle()`, which shows what was recorded and the outcome. */
function makeBox(place, sure, kept, tell) {
  const { name, letters } = place.dataset;
  const texts = JSON.parse(place.dataset.texts);
  const model = still({ _name: name, _letters: [...letters], _texts: texts, _sure: sure, said: "", made: null });
  let warning = "";
  model.send = ({ record: [answer, level] }) => {
    const lack = missing(letters, answer);
    if (lack) return model.set("said", lack);
    if (!kept.keep(name, { answer: letters ? answer : Number(answer), sure: level })) warning = FORGETS;
    tell();
  };
  render({ model, el: place });
  const settle = (entry) => {
    if (!entry || model.get("made")) return;
    const words = texts[letters.indexOf(entry.answer)] ?? entry.answer;
    model.set("said", `Recorded: ${words}, ${entry.sure} % sure. Now read on. ${warning}`.trim());
    model.set("made", entry);
    place.closest(".cell").nextElementSibling.open = true;
  };
  return { name, settle };
}

/** Bring every box of the page alive, and count. */
export function start({ sure, outcomes }) {
  const kept = keeper(outcomes, Object.values(sure));
  const tell = () => {
    const made = kept.made();
    boxes.forEach(({ name, settle }) => settle(made[name]));
    const here = boxes.filter(({ name }) => name in made).length;
    const lines = [
      ...(boxes.length ? [`${here} of ${boxes.length} on this page`] : []),
      `${Object.keys(made).length} of ${Object.keys(outcomes).length} in the course`,
      ...kept.calibration().map(([level, count, right]) => `${level} % sure: ${right} of ${count} came true`),
    ];
    const any = boxes.length || Object.keys(made).length; // the first page says nothing of none
    const said = any ? `Your predictions, kept in this browser: ${lines.join("; ")}.` : "";
    document.querySelectorAll(".bn-tally").forEach((place) => { place.textContent = said; });
  };
  const places = [...document.querySelectorAll(".bn-prediction-place")];
  const boxes = places.map((place) => makeBox(place, sure, kept, tell));
  window.addEventListener("storage", ({ key }) => { // of another tab
    if (key === KEY || key === null) tell();
  });
  tell();
}
