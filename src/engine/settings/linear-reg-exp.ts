import { setFlagsFromString } from 'node:v8';

/** V8 has a second engine for expressions, which refuses what it can't match in linear time; users' patterns use no other. */
export function linearRegExp(source: string, flags: string): RegExp {
  setFlagsFromString('--enable-experimental-regexp-engine');
  return new RegExp(source, `${flags}l`);
}
