"use strict";
// Arrays of float32, int32 and uint8 as NumPy's .npy files, in C order.

const fs = require("node:fs");

const KINDS = {
  "<f4": { type: "float32", View: Float32Array },
  "<i4": { type: "int32", View: Int32Array },
  "|u1": { type: "uint8", View: Uint8Array },
};

/** Read a file into {type, data, dims}. */
function readNpy(path) {
  const bytes = fs.readFileSync(path);
  const start = 10 + bytes.readUInt16LE(8);
  const header = bytes.toString("latin1", 10, start);
  const [, descr] = header.match(/'descr': '([^']*)'/);
  const [, sizes] = header.match(/'shape': \(([^)]*)\)/);
  if (!(descr in KINDS) || header.includes("'fortran_order': True")) {
    throw new Error(`${path} holds ${header.trim()}, of no known type.`);
  }
  const { type, View } = KINDS[descr];
  const dims = sizes.split(",").filter((size) => size.trim()).map(Number);
  return { type, data: new View(new Uint8Array(bytes.subarray(start)).buffer), dims };
}

/** Write a tensor of float32. */
function writeNpy(path, { type, data, dims }) {
  if (type !== "float32") throw new Error(`${path} would hold ${type}, not float32.`);
  const shape = dims.length === 1 ? `(${dims[0]},)` : `(${dims.join(", ")})`;
  const words = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`;
  const header = words.padEnd(64 * Math.ceil((words.length + 11) / 64) - 11) + "\n";
  const start = Buffer.from("\x93NUMPY\x01\x00\x00\x00", "latin1");
  start.writeUInt16LE(header.length, 8);
  const numbers = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  fs.writeFileSync(path, Buffer.concat([start, Buffer.from(header), numbers]));
}

module.exports = { readNpy, writeNpy };
