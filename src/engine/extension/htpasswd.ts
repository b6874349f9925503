import { createHash } from 'node:crypto';
import { CodedError } from '../../lib/index.ts';
import { equalSecrets } from './equal-secrets.ts';

export type PasswordCheck = (user: string, password: string) => boolean;

type Matcher = (password: string) => boolean;

/** Hashes that the Collector knows and the engine has no code for. */
const UNKNOWN_HASHES: readonly (readonly [RegExp, string])[] = [
  [/^\$2[abxy]?\$/, 'bcrypt'],
  [/^\$(apr)?1\$/, 'MD5'],
  [/^\$[56]\$/, 'crypt'],
];

/**
 * Users and passwords in Apache's form, `user:password` a line; a later line outweighs an earlier one. Passwords stand there as
 * they are, or as `{SHA}` or `{SSHA}`. Throws CodedError `unsupported_hash`. Source: go-htpasswd 1.2.4, DefaultSystems.
 */
export function parseHtpasswd(text: string): PasswordCheck {
  const users = new Map<string, Matcher>();
  for (const line of text.split('\n').map((raw) => raw.trim())) {
    const colon = line.indexOf(':');
    if (colon >= 0) users.set(line.slice(0, colon), matcherOf(line.slice(0, colon), line.slice(colon + 1)));
  }
  const nobody: Matcher = (password) => equalSecrets(password, '') && false;
  return (user, password) => (users.get(user) ?? nobody)(password);
}

function matcherOf(user: string, encoded: string): Matcher {
  const unknown = UNKNOWN_HASHES.find(([form]) => form.test(encoded));
  if (unknown !== undefined) {
    const message = `the password of user ${JSON.stringify(user)} is hashed with ${unknown[1]}, which the engine cannot check; use {SSHA} or {SHA}`;
    throw new CodedError('unsupported_hash', message);
  }
  if (encoded.startsWith('{SHA}')) {
    return (password) => equalSecrets(sha1(password).toString('base64'), encoded.slice(5));
  }
  if (encoded.startsWith('{SSHA}')) {
    const salted = Buffer.from(encoded.slice(6), 'base64');
    const expected = salted.subarray(0, 20).toString('hex');
    return (password) => equalSecrets(sha1(password, salted.subarray(20)).toString('hex'), expected);
  }
  const plain = encoded.replace(/^\{PLAIN\}/, '');
  return (password) => equalSecrets(password, encoded) || equalSecrets(password, plain);
}

function sha1(password: string, salt: Uint8Array = new Uint8Array(0)): Buffer {
  return createHash('sha1').update(password).update(salt).digest();
}
