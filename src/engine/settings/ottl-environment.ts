import { createHash, randomBytes } from 'node:crypto';
import type { FunctionEnvironment } from '../../ottl/index.ts';

/** Of everything that runs statements on this machine. */
export const ottlEnvironment: FunctionEnvironment = {
  // The clock of the process has no finer steps.
  now: () => BigInt(Date.now()) * 1_000_000n,
  hash: (algorithm, data) => createHash(algorithm).update(data).digest(),
  randomBytes: (count) => randomBytes(count),
};
