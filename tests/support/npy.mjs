// Matrices of 32-bit floats in NumPy's format, version 1.0:
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
import {readFileSync, writeFileSync} from "node:fs";

const kMagic = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);

/** {rows, cols, data}: row r is data[r * cols .. (r + 1) * cols - 1]. */
export function readNpy(path) {
  const bytes = readFileSync(path);
  const start = 10 + bytes.readUInt16LE(8);
  const [rows, cols] = /'shape': \((\d+), (\d+)\)/.exec(bytes.toString("latin1", 10, start)).slice(1).map(Number);
  const at = bytes.byteOffset + start;
  return {rows, cols, data: new Float32Array(bytes.buffer.slice(at, at + rows * cols * 4))};
}

/** @param vectors arrays of one length */
export function writeNpy(path, vectors) {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${vectors.length}, ${vectors[0].length}), }`;
  const header = text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11) + "\n";
  const size = Buffer.from([header.length & 255, header.length >> 8]);
  const rows = vectors.map((vector) => Buffer.from(Float32Array.from(vector).buffer));
  writeFileSync(path, Buffer.concat([kMagic, size, Buffer.from(header, "latin1"), ...rows]));
}
