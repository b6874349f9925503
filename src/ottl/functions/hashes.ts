import type { FunctionEnvironment, FunctionSpec } from '../function.ts';
import type { Value } from '../value.ts';
import { getterOf, parameters } from './argument.ts';
import { murmur32, murmur128 } from './murmur3.ts';
import { encodeUtf8 } from './utf8.ts';
import { xxh3, xxh128 } from './xxh3.ts';

/** A hash of a text's bytes. */
function hashSpec(
  name: string,
  noun: string,
  hash: (bytes: Uint8Array, environment: FunctionEnvironment) => Value,
): FunctionSpec {
  return {
    name,
    parameters: parameters(['target', 'StringGetter']),
    doc: `Gives the ${noun} of a text.`,
    example: `${name}(resource.attributes["enduser.id"])`,
    create([target], environment) {
      const textOf = getterOf<string>(target);
      return (row) => hash(encodeUtf8(textOf(row)), environment);
    },
  };
}

export const HASH_CONVERTERS: readonly FunctionSpec[] = [
  hashSpec('MD5', 'MD5 hash in hex', (bytes, { hash }) => toHex(hash('md5', bytes))),
  hashSpec('SHA1', 'SHA-1 hash in hex', (bytes, { hash }) => toHex(hash('sha1', bytes))),
  hashSpec('SHA256', 'SHA-256 hash in hex', (bytes, { hash }) => toHex(hash('sha256', bytes))),
  hashSpec('SHA512', 'SHA-512 hash in hex', (bytes, { hash }) => toHex(hash('sha512', bytes))),
  hashSpec('FNV', 'FNV-1a hash of 64 bits as a whole number', fnv),
  hashSpec('Murmur3Hash', 'MurmurHash3 of 32 bits in hex, lowest byte first', (bytes) =>
    littleEndian(BigInt(murmur32(bytes)), 4),
  ),
  hashSpec('Murmur3Hash128', 'MurmurHash3 of 128 bits in hex, lowest byte first', (bytes) =>
    murmur128(bytes)
      .map((half) => littleEndian(half, 8))
      .join(''),
  ),
  hashSpec('XXH3', 'XXH3 hash of 64 bits in hex', (bytes) => xxh3(bytes).toString(16).padStart(16, '0')),
  hashSpec('XXH128', 'XXH3 hash of 128 bits in hex', (bytes) =>
    xxh128(bytes)
      .map((half) => half.toString(16).padStart(16, '0'))
      .join(''),
  ),
];

export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

function fnv(bytes: Uint8Array): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return BigInt.asIntN(64, hash);
}

function littleEndian(value: bigint, size: number): string {
  return toHex(Uint8Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn)));
}
