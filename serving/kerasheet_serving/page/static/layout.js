// JSON laid out to be read. It is not parsed: numbers stay as the server wrote them.

const MOST_SHOWN = 20_000;
const WIDTH = 72;
const TOKEN = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g;

/** Indent JSON, with each list of plain values on as few lines as they need. */
export function pretty(text) {
  if (text.length > MOST_SHOWN) return `${text.slice(0, MOST_SHOWN)} …`;
  const tokens = text.match(TOKEN) ?? [];
  let at = 0;

  function value(indent) {
    const token = tokens[at++];
    if (token === "[") return collection("[", "]", indent, value);
    if (token === "{") return collection("{", "}", indent, member);
    return token;
  }
  function member(indent) {
    const name = tokens[at++];
    at++; // the colon
    return `${name}: ${value(indent)}`;
  }
  function collection(open, close, indent, read) {
    const items = [];
    while (at < tokens.length && tokens[at] !== close) {
      if (tokens[at] === ",") at++;
      else items.push(read(`${indent}  `));
    }
    at++;
    return arranged(open, items, close, indent);
  }
  return value("") ?? "";
}

function arranged(open, items, close, indent) {
  const short = `${open}${items.join(", ")}${close}`;
  if (indent.length + short.length <= WIDTH && !short.includes("\n")) return short;
  const inner = `${indent}  `;
  const plain = items.every((item) => !/[[{\n]/.test(item));
  if (open === "{" || !plain) return `${open}\n${inner}${items.join(`,\n${inner}`)}\n${indent}${close}`;
  let lines = "";
  let line = inner;
  for (const [index, item] of items.entries()) {
    const part = index < items.length - 1 ? `${item}, ` : item;
    if (line.length + part.length > WIDTH && line !== inner) {
      lines += `${line.trimEnd()}\n`;
      line = inner;
    }
    line += part;
  }
  return `${open}\n${lines}${line}\n${indent}${close}`;
}
