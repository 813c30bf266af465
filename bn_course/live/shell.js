// The shell of every explorer: its controls, its picture and its error box.
//
// `model` is anywidget's, or anything with get, set, save_changes, send, on and off. It holds
// `at`, an object from a control's name to an index into that control's values.

/** The value that each control stands at: {name: value}. */
export function valuesOf(controls, at) {
  return Object.fromEntries(controls.map((c) => [c.name, c.values[at[c.name]]]));
}

export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

const OWN_KEYS = /^(Arrow|Page|Home$|End$|Enter$| $)/;

// Each explorer in a page loads a copy of this module, so a count alone would give two controls one
// name: a label would then move another explorer's slider, and radio buttons would share a group.
const copy = Math.random().toString(36).slice(2, 10);
let serial = 0;
export const freshName = () => `bn-control-${copy}-${++serial}`;

/** Keys that a control knows go no further: JupyterLab's command mode would take them for itself. */
export function keepKeys(root) {
  root.addEventListener("keydown", (event) => {
    const shortcut = event.ctrlKey || event.metaKey || event.shiftKey;
    if (OWN_KEYS.test(event.key) && !shortcut) event.stopPropagation();
  });
}

/**
 * A paragraph that appears in `root` when the kernel behind `model` is started anew: what was made before
 * then answers no more. (ipywidgets tells of a change to a connection, which can only be its end.)
 */
export function tellWhenGone(model, root, text) {
  const gone = element("p", { className: "bn-gone", role: "alert" });
  model.on("comm_live_update", () => {
    gone.textContent = text;
    root.classList.add("bn-lost");
  });
  return gone;
}

// Each maker returns the control's node and `show(index)`, which moves it without an event.

function makeSlider(control, choose) {
  const id = freshName();
  const output = element("output", { className: "bn-value" });
  const input = element("input", { type: "range", id, min: 0, max: control.values.length - 1, step: 1 });
  input.addEventListener("input", () => choose(Number(input.value)));
  const label = element("label", { htmlFor: id }, control.label);
  output.htmlFor.add(id);
  const show = (index) => {
    input.value = index;
    output.textContent = control.texts[index];
    input.setAttribute("aria-valuetext", control.texts[index]);
  };
  return { node: element("div", { className: "bn-control" }, label, output, input), show, input };
}

/** A text in which what stands between backticks is code. */
export function words(text) {
  const parts = text.split("`").map((part, index) => (index % 2 ? element("code", {}, part) : part));
  return element("span", {}, ...parts);
}

export function makeChoice(control, choose) {
  const name = freshName();
  const inputs = control.texts.map((text, index) => {
    const input = element("input", { type: "radio", name, value: index });
    input.addEventListener("change", () => input.checked && choose(index));
    return input;
  });
  const options = inputs.map((input, index) => element("label", {}, input, words(control.texts[index])));
  const node = element("fieldset", { className: "bn-control bn-choice" },
    element("legend", {}, control.label), element("div", { className: "bn-options" }, ...options));
  if (control.texts.join("").length > 16) node.classList.add("bn-wide");
  return { node, show: (index) => inputs.forEach((input, i) => { input.checked = i === index; }) };
}

function makeSwitch(control, choose) {
  const input = element("input", { type: "checkbox" });
  input.addEventListener("change", () => choose(input.checked ? 1 : 0));
  const node = element("div", { className: "bn-control bn-switch" },
    element("label", {}, input, control.label));
  return { node, show: (index) => { input.checked = index === 1; } };
}

function makePlayer(control, choose) {
  let timer = null;
  const last = control.values.length - 1;
  const button = element("button", { type: "button", className: "bn-button" }, "Play");
  const pause = () => {
    clearInterval(timer);
    timer = null;
    button.textContent = "Play";
  };
  const slider = makeSlider(control, (index) => { pause(); choose(index); });
  button.addEventListener("click", () => {
    if (timer !== null) return pause();
    if (Number(slider.input.value) === last) choose(0);
    button.textContent = "Pause";
    timer = setInterval(() => {
      const index = Number(slider.input.value);
      if (index >= last) pause();
      else choose(index + 1);
    }, control.interval);
  });
  button.setAttribute("aria-label", `Play or pause: ${control.label}`);
  slider.node.classList.add("bn-player");
  slider.node.append(button);
  return { ...slider, stop: pause };
}

const MAKERS = { slider: makeSlider, choice: makeChoice, switch: makeSwitch, player: makePlayer };

/**
 * Build the explorer in `el`. Returns {stage, choose, alert, dispose}: `stage` is where to draw,
 * `choose(name, index)` moves a control, `alert(text)` shows a message or, with "", takes it away.
 */
export function mount(model, el) {
  const controls = model.get("_controls");
  const choose = (name, index) => {
    if (model.get("at")[name] === index) return;
    model.set("at", { ...model.get("at"), [name]: index });
    model.save_changes();
  };
  const made = controls.map((control) =>
    MAKERS[control.kind](control, (index) => choose(control.name, index)));
  const reset = element("button", { type: "button", className: "bn-button bn-reset" }, "Reset");
  reset.addEventListener("click", () => {
    made.forEach(({ stop }) => stop?.());
    model.set("at", { ...model.get("_start") });
    model.save_changes();
  });
  const stage = element("div", { className: "bn-stage" });
  stage.style.maxWidth = `${model.get("_width")}px`;
  const box = element("div", { className: "bn-alert", role: "alert" });
  const panel = element("div", { className: "bn-panel" }, ...made.map(({ node }) => node), reset);
  const root = element("section", { className: "bn-explorer", "aria-label": model.get("_label") },
    panel, box, stage);
  keepKeys(root);
  root.style.maxWidth = `${model.get("_width")}px`;
  el.replaceChildren(root);

  const follow = () => {
    const at = model.get("at");
    made.forEach(({ show }, i) => show(at[controls[i].name]));
  };
  model.on("change:at", follow);
  follow();
  return {
    root,
    stage,
    choose,
    alert: (text) => { box.textContent = text; },
    dispose: () => {
      made.forEach(({ stop }) => stop?.());
      model.off("change:at", follow);
    },
  };
}

/** A model for a page without a kernel: it holds the state and tells who listens. */
export function still(state) {
  const listeners = {};
  return {
    get: (key) => state[key],
    set(key, value) {
      state[key] = value;
      (listeners[`change:${key}`] ?? []).forEach((tell) => tell());
    },
    on: (event, tell) => { (listeners[event] ??= []).push(tell); },
    off: (event, tell) => { listeners[event] = (listeners[event] ?? []).filter((t) => t !== tell); },
    save_changes() {},
    send() {},
  };
}

/**
 * The figure that the kernel draws: a PNG for each state, over one of what stands still. On a canvas, since a
 * browser decodes what it is given for one once, and an img's again for each part of the screen.
 */
export function renderPicture({ model, el }) {
  const { root, stage, alert, dispose } = mount(model, el);
  const picture = element("canvas", { className: "bn-picture", role: "img" });
  picture.style.width = `${model.get("_width")}px`;
  const paper = picture.getContext("2d");
  const gone = tellWhenGone(model, root,
    "The kernel was started anew and no longer moves this figure: run its cell again.");
  stage.append(gone, picture);
  const decoded = (png) => createImageBitmap(new Blob([png], { type: "image/png" }));
  let ground = {};
  let latest;
  let wanted = 0;
  let shown = 0;
  const draw = async () => {
    const [background, png] = [model.get("background"), model.get("png")];
    // A message that brings both calls this twice.
    if (!png?.byteLength || (png === latest && background === ground.png)) return;
    latest = png;
    const turn = ++wanted;
    if (ground.png !== background) ground = { png: background, bitmap: decoded(background) };
    const [below, above] = await Promise.all([ground.bitmap, decoded(png)]);
    if (turn > shown) {
      shown = turn;
      Object.assign(picture, { width: below.width, height: below.height });
      paper.drawImage(below, 0, 0);
      paper.drawImage(above, 0, 0);
      picture.dataset.frame = turn; // for whoever waits for it
    }
    above.close();
  };
  const describe = () => picture.setAttribute("aria-label", model.get("alt"));
  const warn = () => {
    alert(model.get("alert"));
    stage.classList.toggle("bn-outdated", model.get("alert") !== "");
  };
  picture.addEventListener("click", (event) => {
    const box = picture.getBoundingClientRect();
    model.send({ pick: [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height] });
  });
  model.on("change:background", draw);
  model.on("change:png", draw);
  model.on("change:alt", describe);
  model.on("change:alert", warn);
  draw();
  describe();
  warn();
  // Four times the pixels only where the screen can show them.
  const scale = globalThis.devicePixelRatio > 1 ? 2 : 1;
  if (scale !== model.get("scale")) {
    model.set("scale", scale);
    model.save_changes();
  }
  return () => {
    dispose();
    model.off("change:background", draw);
    model.off("change:png", draw);
    model.off("change:alt", describe);
    model.off("change:alert", warn);
  };
}

export default { render: renderPicture };
