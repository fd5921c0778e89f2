// A chart of the last minutes as lines of an SVG, which also says itself in words.

import { svg } from "./dom.js";

const [HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [150, 44, 6, 10, 126];

/**
 * Draw values, oldest first, right-aligned among `slots` places; null is a gap.
 */
export function drawChart(chart, values, slots, name) {
  const known = values.filter((value) => value !== null);
  const top = roundUp(Math.max(...known, 0));
  const end = chart.clientWidth - RIGHT; // a unit is a pixel: text keeps its size
  const x = (index) => LEFT + ((end - LEFT) * (index + slots - values.length)) / (slots - 1);
  const y = (value) => BOTTOM - ((BOTTOM - TOP) * value) / top;
  const parts = [0, 0.5, 1].flatMap((share) => rule(y(share * top), end, share * top));
  for (const line of runs(values)) {
    if (line.length === 1) parts.push(dot(x(line[0].index), y(line[0].value), 2.5));
    const points = line.map(({ index, value }) => `${x(index).toFixed(1)} ${y(value).toFixed(1)}`);
    const [first, last] = [x(line[0].index).toFixed(1), x(line.at(-1).index).toFixed(1)];
    parts.push(svg("path", { class: "area", d: `M${first} ${BOTTOM}L${points.join("L")}L${last} ${BOTTOM}Z` }));
    parts.push(svg("path", { class: "line", d: `M${points.join("L")}` }));
  }
  if (values.length && values.at(-1) !== null)
    parts.push(dot(x(values.length - 1), y(values.at(-1)), 4));
  parts.push(svg("text", { x: LEFT, y: HEIGHT - 6 }, "2 minutes ago"));
  parts.push(svg("text", { x: end, y: HEIGHT - 6, "text-anchor": "end" }, "now"));
  chart.setAttribute("viewBox", `0 0 ${chart.clientWidth} ${HEIGHT}`);
  chart.replaceChildren(...parts);
  chart.setAttribute("aria-label", described(name, values, known));
}

const dot = (cx, cy, r) => svg("circle", { class: "now", cx, cy, r });

function rule(y, end, value) {
  return [
    svg("path", { class: "rule", d: `M${LEFT} ${y}H${end}` }),
    svg("text", { x: LEFT - 8, y: y + 4, "text-anchor": "end" }, short(value)),
  ];
}

/** Values without their gaps, in pieces. */
function runs(values) {
  const pieces = [[]];
  for (const [index, value] of values.entries()) {
    if (value === null) pieces.push([]);
    else pieces.at(-1).push({ index, value });
  }
  return pieces.filter((piece) => piece.length);
}

function described(name, values, known) {
  if (!known.length) return `${name}: nothing yet`;
  const now = values.at(-1) === null ? "nothing now" : `${short(values.at(-1))} now`;
  return `${name}: ${now}, at most ${short(Math.max(...known))} in the last two minutes`;
}

/** The next of 1, 2 and 5 times a power of ten. */
function roundUp(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].find((step) => step * power >= value) * power;
}

/** A number in few digits. */
export function short(value) {
  if (value === 0 || value >= 100) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(2)));
}
