import { type Context, drops, edits, type OttlCase, values } from './case.ts';
import { createExpressions, createRandom } from './random-expressions.ts';

const CONTEXTS: readonly Context[] = ['log', 'log', 'datapoint', 'metric', 'span', 'spanevent', 'resource', 'scope'];
const DEPTH = 3;

const LEFT_OUT: readonly RegExp[] = [
  // A known difference: a list of maps from data.
  /[[ ](?:\w+\.)?(?:attributes|metadata|cache)[\],]/,
  // A known difference: a list that is written out becomes an element.
  /append\(.*\[.*\w\(/,
  // What contains itself.
  /set\(attributes\["m"\]\["x"\], (?:value = )?attributes/,
  // XPaths that are none, of which the Collector takes some.
  /XML\([^"]*"[^"/][^"]*"/,
];

/** Cases of all signals, the same for the same seed. Maps whose order Go leaves open are compared sorted. */
export function randomCases(seed: number, count: number): OttlCase[] {
  const random = createRandom(seed);
  const makers = new Map([...new Set(CONTEXTS)].map((context) => [context, createExpressions(context, random)]));
  const cases = new Map<string, OttlCase>();
  while (cases.size < count) {
    const context = random.pick(CONTEXTS);
    const { expression, condition, statement } = makers.get(context)!;
    const roll = random.number(10);
    let made: OttlCase[];
    if (roll < 4) made = values(context, [expression('any', DEPTH)]);
    else if (roll < 7 || context === 'scope') made = edits(context, [statement(2)]);
    else made = drops(context, [condition(2)]);
    for (const one of made)
      if (!LEFT_OUT.some((text) => text.test(one.name))) cases.set(one.name, { ...one, unordered: true });
  }
  return [...cases.values()].slice(0, count);
}
