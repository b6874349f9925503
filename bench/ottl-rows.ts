/** Prints what rows cost per span: `node bench/ottl-rows.ts`. */

import type { Place } from '../src/ottl/paths.ts';
import type { Row } from '../src/ottl/row.ts';
import { compileEditor, type RowStep, resolvePath } from '../src/ottl/rows/index.ts';
import { tracePayload } from './pdata-payload.ts';

const SPANS = 100;
const payload = tracePayload(SPANS, 10);

function attribute(of: 'span' | 'resource', key: string): Place {
  return resolvePath('span', { of, steps: [{ name: 'attributes', keys: [{ literal: key }] }] }) as Place;
}

const method = attribute('span', 'http.request.method');
const last = attribute('span', 'http.response.figure.9');
const absent = attribute('span', 'not.there');
const route = attribute('span', 'http.route');
const added = attribute('span', 'team');
const service = attribute('resource', 'service.name');

const CASES: Readonly<Record<string, (row: Row) => boolean>> = {
  'visit only': () => true,
  'first attribute == text': (row) => method.get(row) !== 'PUT',
  'tenth attribute (int)': (row) => last.get(row) !== 5n,
  'absent attribute': (row) => absent.get(row) === undefined,
  'resource attribute': (row) => service.get(row) === 'checkout',
  'set a new attribute': (row) => {
    added.set!(row, 'shop');
    return true;
  },
  'set an attribute that is there': (row) => {
    route.set!(row, '/elsewhere');
    return true;
  },
  'set to what it is': (row) => {
    method.set!(row, 'GET');
    return true;
  },
  'condition and set': (row) => {
    if (method.get(row) === 'GET') added.set!(row, 'shop');
    return true;
  },
  'drop half': (row) => (last.get(row) as bigint) % 2n === 0n,
};

for (const [name, visit] of Object.entries(CASES)) {
  const step: RowStep = { context: 'span', visit };
  const edit = compileEditor('traces', [[step]]);
  const runs = 20_000;
  for (let warm = 0; warm < 3_000; warm++) edit(payload);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    const start = process.hrtime.bigint();
    for (let run = 0; run < runs / 5; run++) edit(payload);
    best = Math.min(best, Number(process.hrtime.bigint() - start) / (runs / 5) / SPANS);
  }
  process.stdout.write(`${name.padEnd(34)} ${best.toFixed(0).padStart(6)} ns/span\n`);
}
process.stdout.write(`${(payload.length / SPANS).toFixed(0)} bytes/span\n`);
