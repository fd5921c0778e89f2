// The section of the page that shows the server's traffic.

import { drawChart, short } from "./chart.js";
import { element } from "./dom.js";
import { ask } from "./server.js";
import { Traffic } from "./traffic.js";

const SLOTS = 60;
const ROWS = 12;
const traffic = new Traffic(SLOTS);
const NAMES = { rate: "Requests a second", latency: "Milliseconds to an answer" };

/** Read the metrics once and draw them; returns requests by model and version. */
export async function readTraffic() {
  const response = await ask("metrics", { headers: { Accept: "text/plain" } });
  traffic.take(await response.text(), performance.now());
  for (const [part, name] of Object.entries(NAMES)) {
    const values = traffic.intervals.map((interval) => interval[part]);
    drawChart(document.querySelector(`[data-chart=${part}]`), values, SLOTS, name);
    const now = values.findLast((value) => value !== null);
    document.querySelector(`[data-now=${part}]`).textContent = now === undefined ? "–" : short(now);
  }
  const rows = traffic.intervals.slice(-ROWS).reverse().map(row);
  document.getElementById("traffic-rows").replaceChildren(...rows);
  return traffic.versions;
}

function row({ at, rate, latency, failed }) {
  const time = new Date(performance.timeOrigin + at).toLocaleTimeString();
  const cells = [short(rate), latency === null ? "–" : short(latency), short(failed)];
  return element(
    "tr",
    {},
    element("th", { scope: "row", textContent: time }),
    ...cells.map((textContent) => element("td", { textContent })),
  );
}
