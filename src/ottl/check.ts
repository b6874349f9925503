import { compileTexts } from './compile-group.ts';
import type { FunctionEnvironment } from './function.ts';
import type { CheckedGroup, Group } from './group.ts';

/** What is compiled with this never runs. */
const NOTHING_RUNS: FunctionEnvironment = {
  now: () => 0n,
  hash: () => new Uint8Array(0),
  randomBytes: (count) => new Uint8Array(count),
};

/** All errors of a group. Pure: what it finds does not depend on where it runs. */
export function checkGroup(group: Group): CheckedGroup {
  const { context, problems } = compileTexts(group, NOTHING_RUNS);
  return context === undefined ? { problems } : { context, problems };
}
