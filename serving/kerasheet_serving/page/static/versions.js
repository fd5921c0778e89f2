// The versions of a model: a list to read, and one to choose from.

import { element, percent } from "./dom.js";

const serves = (version) => version.state === "READY";

/** Fill a select with the newest and every version that serves, keeping what is chosen. */
export function offerVersions(select, model) {
  const chosen = select.value;
  const numbers = model.versions.filter(serves).map((version) => version.version);
  const newest = numbers.length ? `newest (${numbers[0]})` : "none serves";
  select.replaceChildren(
    element("option", { value: "", textContent: newest }),
    ...numbers.map((number) => element("option", { value: number, textContent: number })),
  );
  select.value = numbers.includes(chosen) ? chosen : "";
}

/** One entry of the list of versions. */
export function versionCard(version, isNewest) {
  const state = serves(version) ? "serves" : version.state.toLowerCase();
  const card = element("li", { className: "card version" });
  const note = isNewest ? "answers unless a version is named" : "";
  card.append(
    element(
      "p",
      { className: "version-title" },
      element("b", { textContent: `Version ${version.version}` }),
      element("span", { className: serves(version) ? "badge good" : "badge bad", textContent: state }),
      element("span", { className: "soft", textContent: note }),
    ),
  );
  if (version.reason) card.append(element("p", { className: "reason", textContent: version.reason }));
  if (serves(version)) card.append(metrics(version));
  return card;
}

function metrics(version) {
  const requests = element("dd", { textContent: "0" });
  requests.dataset.requests = version.version;
  const rows = Object.entries(version.metrics).map(([name, value]) =>
    row(name.replace(/_seconds$/, "").replaceAll("_", " "), element("dd", { textContent: figure(name, value) })),
  );
  return element("dl", { className: "metrics" }, row("requests answered", requests), ...rows);
}

const row = (name, value) => element("div", {}, element("dt", { textContent: name }), value);

function figure(name, value) {
  if (typeof value !== "number") return value;
  if (/accuracy$/.test(name)) return percent(value);
  if (/seconds$/.test(name)) return `${value.toFixed(1)} s`;
  if (Number.isInteger(value)) return value.toLocaleString("en");
  return value.toPrecision(4);
}

/** A tensor as `x float32[batch, 28]`. */
export const tensorText = ({ name, dtype, shape }) => `${name} ${dtype}[${shape.join(", ")}]`;
