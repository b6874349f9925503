/**
 * What init containers do, as programs for the Node of Sluice's own image: the Collector's image has no shell. Each takes
 * folders as arguments.
 */

/**
 * Copies the files of a folder to another one and joins those that stand there in parts. Kubernetes shows mounted keys through
 * links below names that begin with two dots.
 */
export const JOIN_PARTS = `
const { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync } = require('node:fs');
const { argv } = process;
const [from, to] = argv.slice(1);
const copy = (folder) => {
  mkdirSync(to + folder, { recursive: true });
  for (const name of readdirSync(from + folder).filter((name) => !name.startsWith('..')).sort()) {
    const path = folder + '/' + name;
    if (statSync(from + path).isDirectory()) copy(path);
    else appendFileSync((to + path).replace(/\\.part-\\d+$/, ''), readFileSync(from + path));
  }
};
copy('');
`;

/**
 * Lets the group of the Pods write to a folder of the node that the kubelet has just made, as root. One that has another owner
 * is left as it is.
 */
export const SHARE_FOLDER = `
const { chmodSync, statSync } = require('node:fs');
const { argv } = process;
for (const folder of argv.slice(1)) if (statSync(folder).uid === 0) chmodSync(folder, 0o770);
`;

/**
 * Puts aside files of the Collector's storage that it could not open: one of them would keep all pipelines from starting. A
 * file is bbolt's (go.etcd.io/bbolt, db.go and meta.go): two pages with a mark, a version and a checksum, of which one must be
 * whole, and as many pages as it says.
 */
export const QUARANTINE = `
const { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync, renameSync } = require('node:fs');
const { alloc } = Buffer;
const META_BYTES = 56;
const checksum = (bytes) => {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
};
const metaAt = (file, size, at) => {
  const page = alloc(16 + META_BYTES + 8);
  if (at + page.length > size || readSync(file, page, 0, page.length, at) < page.length) return undefined;
  const meta = page.subarray(16);
  if (meta.readUInt32LE(0) !== 0xed0cdaed || meta.readUInt32LE(4) !== 2) return undefined;
  if (meta.readBigUInt64LE(META_BYTES) !== checksum(meta.subarray(0, META_BYTES))) return undefined;
  return { pageSize: meta.readUInt32LE(8), pages: meta.readBigUInt64LE(40) };
};
const canBeOpened = (path) => {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    if (size === 0) return true;
    let places = [0];
    for (let pageSize = 1024; pageSize <= 16777216; pageSize *= 2) places.push(pageSize);
    const meta = places.map((at) => metaAt(file, size, at)).find((found) => found !== undefined);
    if (meta === undefined || size < 2 * meta.pageSize) return false;
    return meta.pages * BigInt(meta.pageSize) <= BigInt(size);
  } finally {
    closeSync(file);
  }
};
const check = (folder) => {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = folder + '/' + entry.name;
    if (entry.isDirectory()) check(path);
    else if (entry.isFile() && !/\\.unreadable-\\d+$/.test(entry.name) && !canBeOpened(path)) {
      let number = 1;
      while (existsSync(path + '.unreadable-' + number)) number++;
      renameSync(path, path + '.unreadable-' + number);
      console.log(JSON.stringify({ level: 'error', msg: 'put aside what the Collector cannot open', file: path }));
    }
  }
};
const { argv } = process;
for (const folder of argv.slice(1)) check(folder);
`;
