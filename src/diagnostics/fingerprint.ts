import type { Issue } from './issue.ts';
import { formatPath } from './path.ts';

/**
 * What makes a finding the same one after lines above it have changed: code, file, field and message. Equal ones are counted
 * through in the order given.
 */
export function fingerprints(issues: readonly Issue[]): readonly string[] {
  const seen = new Map<string, number>();
  return issues.map(({ code, span, path, message }) => {
    const identity = JSON.stringify([code, span?.file ?? '', formatPath(path ?? []), message]);
    const count = (seen.get(identity) ?? 0) + 1;
    seen.set(identity, count);
    return fnv1a64(`${identity}#${count}`);
  });
}

/** http://www.isthe.com/chongo/tech/comp/fnv/, over UTF-16 units. */
function fnv1a64(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    for (const byte of [unit & 0xff, unit >> 8]) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  }
  return hash.toString(16).padStart(16, '0');
}
