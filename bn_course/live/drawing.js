// What the figures that the browser draws have in common.

export function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
}

export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  set(node, attributes);
  node.append(...children);
  return node;
}

/** Fixed decimals, halves away from zero, a true minus, no negative zero. */
export function number(value, digits = 2) {
  const text = (value + Math.sign(value) * 1e-9).toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

/** Fits the drawing to its stage now and whenever that changes its size, and draws when the model says so.
    Returns what ends it. */
export function follow(model, events, stage, { draw, fit = draw, dispose }) {
  const resized = new ResizeObserver(fit);
  resized.observe(stage);
  events.forEach((event) => model.on(event, draw));
  fit();
  return () => {
    events.forEach((event) => model.off(event, draw));
    resized.disconnect();
    dispose();
  };
}
