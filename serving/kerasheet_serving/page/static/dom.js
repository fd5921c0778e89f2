// Small helpers to make and find elements.

/** Make an element; properties are set on it, attributes given as `attributes`. */
export function element(tag, { attributes = {}, ...properties } = {}, ...children) {
  const made = document.createElement(tag);
  Object.assign(made, properties);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Make an SVG element with attributes. */
export function svg(tag, attributes = {}, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  return made;
}

/** A copy of a template of the page, and a function that finds its parts by `data-` name. */
export function copyOf(id) {
  const fragment = document.getElementById(id).content.cloneNode(true);
  const parts = {};
  for (const node of fragment.querySelectorAll("*"))
    for (const name of Object.keys(node.dataset)) parts[name] ??= node;
  return { fragment, parts };
}

/** 0.98 as "98.0 %". */
export const percent = (share) => `${(100 * share).toFixed(1)} %`;

/** A length of time, with as many digits as one can use. */
export function milliseconds(value) {
  if (value >= 1000) return `${(value / 1000).toFixed(1)} s`;
  return `${value < 100 ? value.toFixed(1) : Math.round(value)} ms`;
}
