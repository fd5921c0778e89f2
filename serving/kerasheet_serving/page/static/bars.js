// The most probable classes as bars.

import { element, percent } from "./dom.js";

const SHOWN = 5;

/** Fill a list with the most probable classes; returns the best as `{name, share}`. */
export function showBars(list, shares, labels) {
  const ranked = shares
    .map((share, index) => ({ share, name: labels[index] ?? `class ${index}` }))
    .sort((a, b) => b.share - a.share)
    .slice(0, SHOWN);
  list.replaceChildren(...ranked.map(bar));
  return ranked[0];
}

function bar({ name, share }) {
  const fill = element("span", { className: "fill" });
  fill.style.inlineSize = `${100 * Math.max(0, Math.min(1, share))}%`;
  return element(
    "li",
    {},
    element("span", { className: "name", textContent: name }),
    element("span", { className: "track", attributes: { "aria-hidden": "true" } }, fill),
    element("span", { className: "share", textContent: percent(share) }),
  );
}
