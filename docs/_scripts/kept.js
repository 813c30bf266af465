// The predictions that were made, in this browser: {name: {answer, sure}}, as in a learner's progress.json.
// What was kept is found again wherever in this site a page stands.
export const KEY = "bn-course.predictions";

/** `outcomes` has a letter or, for a number, the bounds between which it is right; `levels` is how sure one may be. */
export function keeper(outcomes, levels) {
  const unsaved = {}; // what the browser would not keep

  const stored = () => {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY));
      return kept && typeof kept === "object" && !Array.isArray(kept) ? kept : {};
    } catch {
      return {}; // nothing can be read, or it is no JSON
    }
  };
  const sensible = ([name, entry]) => Object.hasOwn(outcomes, name) && levels.includes(entry?.sure) &&
    (Array.isArray(outcomes[name]) ? Number.isFinite(entry.answer) : /^[a-z]$/.test(entry.answer));
  const cameTrue = (name, answer) => {
    const outcome = outcomes[name];
    return Array.isArray(outcome) ? outcome[0] <= answer && answer <= outcome[1] : answer === outcome;
  };

  /** Every prediction, but for what makes no sense. */
  const made = () => Object.fromEntries(Object.entries({ ...stored(), ...unsaved }).filter(sensible));

  return {
    made,

    /** Keep a prediction, unless there is one already; false where the browser keeps nothing. */
    keep(name, entry) {
      if (Object.hasOwn(made(), name)) return true;
      try {
        localStorage.setItem(KEY, JSON.stringify({ ...stored(), [name]: entry }));
        return true;
      } catch {
        unsaved[name] = entry;
        return false;
      }
    },

    /** For each level of confidence with a prediction: [level, how many, how many came true]. */
    calibration() {
      const all = Object.entries(made());
      return levels.map((level) => {
        const hits = all.filter(([, { sure }]) => sure === level).map(([name, { answer }]) => cameTrue(name, answer));
        return [level, hits.length, hits.filter(Boolean).length];
      }).filter(([, count]) => count);
    },
  };
}
