import type { Plan } from './plan.ts';

/** What starts, stops and goes on when one configuration takes the place of another. */
export function compareParts(before: Plan, after: Plan): { started: string[]; stopped: string[]; kept: number } {
  const old = partsOf(before);
  const now = partsOf(after);
  const isKept = ([key, { made }]: [string, Part]) => old.get(key)?.made === made && now.get(key)?.made === made;
  const changed = (parts: Map<string, Part>) => [
    ...new Set([...parts].filter((entry) => !isKept(entry)).map(([, { id }]) => id)),
  ];
  return { started: changed(now), stopped: changed(old), kept: [...now].filter(isKept).length };
}

interface Part {
  readonly id: string;
  readonly made: unknown;
}

/** Every instance of a component; of an exporter or connector each signal's. */
function partsOf(plan: Plan): Map<string, Part> {
  const parts = new Map<string, Part>();
  const { endpoints, extensions, receivers, processors, connectors, exporters } = plan;
  for (const [key, opening] of endpoints) parts.set(`endpoint ${key}`, { id: opening.id, made: opening });
  for (const [id, opening] of extensions) parts.set(`extension ${id}`, { id, made: opening });
  for (const [id, { opening }] of receivers) parts.set(`receiver ${id}`, { id, made: opening });
  for (const [id, processor] of processors) parts.set(`processor ${id}`, { id, made: processor });
  for (const [key, connector] of connectors) parts.set(`connector ${key}`, { id: connector.id, made: connector });
  for (const { key, id, exporter } of exporters.slots) parts.set(`exporter ${key}`, { id, made: exporter });
  return parts;
}
