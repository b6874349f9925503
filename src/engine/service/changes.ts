import type { Plan } from './plan.ts';

/** What starts, stops and goes on when one configuration takes the place of another. */
export function compareParts(before: Plan, after: Plan): { started: string[]; stopped: string[]; kept: number } {
  const old = partsOf(before);
  const now = partsOf(after);
  const ids = (parts: readonly [string, unknown][], others: readonly [string, unknown][]): string[] => {
    const known = new Set(others.map(([, part]) => part));
    return [...new Set(parts.filter(([, part]) => !known.has(part)).map(([id]) => id))];
  };
  const running = new Set(old.map(([, part]) => part));
  return { started: ids(now, old), stopped: ids(old, now), kept: now.filter(([, part]) => running.has(part)).length };
}

/** Every instance of a component, with its id; of an exporter or connector each signal's. */
function partsOf(plan: Plan): [string, unknown][] {
  const { endpoints, extensions, receivers, processors, connectors, exporters } = plan;
  return [
    ...[...endpoints.values(), ...extensions.values()].map((opening): [string, unknown] => [opening.id, opening]),
    ...[...receivers.values()].map(({ opening }): [string, unknown] => [opening.id, opening]),
    ...[...processors.values(), ...connectors.values()].map(({ id, made }): [string, unknown] => [id, made]),
    ...exporters.slots.map(({ id, exporter }): [string, unknown] => [id, exporter]),
  ];
}
