// Small helpers: elements by id, texts with code in them, lists whose items stay the same elements.

export const byId = (id) => document.getElementById(id);

export function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

/** A text in which what stands between backticks is code. What learners sent is only ever text. */
export function words(text) {
  const parts = text.split("`").map((part, index) => (index % 2 ? element("code", {}, part) : part));
  return element("span", {}, ...parts);
}

/** Change a text only where it is another one: a screen reader says what changes. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * A child of `parent` for each item, in their order: `make(item)` where there was none under its key,
 * `update(node, item)` for all. Those that stay keep focus, and what is unfolded in them.
 */
export function keyed(parent, items, key, make, update) {
  const old = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  const nodes = items.map((item) => {
    const node = old.get(String(key(item))) ?? make(item);
    node.dataset.key = key(item);
    update(node, item);
    return node;
  });
  const kept = new Set(nodes);
  [...parent.children].filter((node) => !kept.has(node)).forEach((node) => node.remove());
  nodes.forEach((node, place) => {
    if (parent.children[place] !== node) parent.insertBefore(node, parent.children[place] ?? null);
  });
}

export const many = (count, one, more = `${one}s`) => `${count} ${count === 1 ? one : more}`;
