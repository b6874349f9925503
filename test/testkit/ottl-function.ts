import { createHash } from 'node:crypto';
import {
  compileStatement,
  EvaluationError,
  type FunctionEnvironment,
  type Row,
  type Value,
} from '../../src/ottl/index.ts';
import { isMap } from '../../src/ottl/value.ts';

/** A clock that stands still, on 15 June 2024, and bytes that count up instead of random ones. */
export const STILL_ENVIRONMENT: FunctionEnvironment = {
  now: () => BigInt(Date.UTC(2024, 5, 15, 12)) * 1_000_000n,
  hash: (algorithm, data) => createHash(algorithm).update(data).digest(),
  randomBytes: (count) => Uint8Array.from({ length: count }, (_, i) => i),
};

/** What an expression gives, with these values as `cache["name"]`. A failure is its message behind `error: `. */
export function evaluate(expression: string, inputs: Readonly<Record<string, Value>> = {}): Value {
  return run(`set(cache["result"], ${expression})`, inputs).get('result');
}

/** What an editor leaves of `cache`. */
export function run(statement: string, inputs: Readonly<Record<string, Value>>): Map<string, Value> {
  const cache = new Map(Object.entries(inputs));
  const row = { context: 'log', cache } as Row;
  try {
    compileStatement(statement, 'log', STILL_ENVIRONMENT).run(row);
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    cache.set('result', `error: ${error.message}`);
  }
  return cache;
}

/** Maps as plain objects, so that a table can show them. */
export function plain(value: Value): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isMap(value)) return value;
  return Object.fromEntries([...value.entries()].map(([key, member]) => [key, plain(member)]));
}
