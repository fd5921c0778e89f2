// What the server's metrics say of its traffic, as differences between two readings.

const SAMPLE = /^(kerasheet_request(?:s_total|_seconds_sum|_seconds_count))\{(.*)\} (\S+)/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** Sums over all models: requests, refused or failed ones, seconds; and requests by version. */
export function totals(text) {
  const sums = { requests: 0, failed: 0, seconds: 0, timed: 0, versions: {} };
  for (const line of text.split("\n")) {
    const match = SAMPLE.exec(line);
    if (!match) continue;
    const labels = Object.fromEntries([...match[2].matchAll(LABEL)].map(([, name, value]) => [name, value]));
    if (!labels.model) continue;
    count(sums, match[1], labels, Number(match[3]));
  }
  return sums;
}

function count(sums, name, labels, value) {
  if (name.endsWith("_sum")) sums.seconds += value;
  else if (name.endsWith("_count")) sums.timed += value;
  else {
    sums.requests += value;
    if (Number(labels.code) >= 400) sums.failed += value;
    const key = `${labels.model}/${labels.version}`;
    sums.versions[key] = (sums.versions[key] ?? 0) + value;
  }
}

/** Keeps the last readings and what happened between them. */
export class Traffic {
  #last = null;
  #most;
  intervals = [];
  versions = {};

  constructor(most) {
    this.#most = most;
  }

  /** Take in a reading of `/metrics`, made at a time in milliseconds. */
  take(text, at) {
    const now = { ...totals(text), at };
    const before = this.#last;
    this.#last = now;
    this.versions = now.versions;
    if (!before) return;
    if (now.requests < before.requests) return; // the server began anew
    const timed = now.timed - before.timed;
    this.intervals.push({
      at,
      rate: ((now.requests - before.requests) * 1000) / (at - before.at),
      latency: timed ? ((now.seconds - before.seconds) * 1000) / timed : null,
      failed: now.failed - before.failed,
    });
    if (this.intervals.length > this.#most) this.intervals.shift();
  }
}
