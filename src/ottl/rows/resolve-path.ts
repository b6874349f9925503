import { suggest } from '../../diagnostics/index.ts';
import type { PathProblem, PathStep, Place, ResolvePath } from '../paths.ts';
import type { ContextName } from '../row.ts';
import { AttributeMap } from './attribute-map.ts';
import { ITEM_PLACES, SCOPE_SCHEMA_URL_AS_RESOURCES } from './item-places.ts';
import { METRIC_PLACES } from './metric-places.ts';
import { cachePlace } from './place.ts';
import type { PlaceTable } from './place-table.ts';
import { sizeOf } from './value-size.ts';

const PLACES: Readonly<Record<ContextName, PlaceTable>> = { ...ITEM_PLACES, ...METRIC_PLACES };

/** A context and what its rows stand in. */
const REACHABLE: Readonly<Record<ContextName, readonly ContextName[]>> = {
  resource: ['resource'],
  scope: ['scope', 'resource'],
  span: ['span', 'scope', 'resource'],
  spanevent: ['spanevent', 'span', 'scope', 'resource'],
  metric: ['metric', 'scope', 'resource'],
  datapoint: ['datapoint', 'metric', 'scope', 'resource'],
  log: ['log', 'scope', 'resource'],
};

/** Every path of the contexts of pkg/ottl at 0.149, except `otelcol`, which tells of the sender and is not at hand here. */
export const resolvePath: ResolvePath = (context, path) => {
  const found = resolve(context, path);
  return 'step' in found ? found : counted(found);
};

/** Statements that make of their texts longer ones, or put maps into themselves, are counted, whatever they write to. */
function counted(place: Place): Place {
  const { set } = place;
  if (set === undefined) return place;
  return {
    ...place,
    set(row, value) {
      // What an editor changed where it stands is put back as itself.
      if (!(value instanceof AttributeMap && value === place.get(row))) row.spend?.(sizeOf(value));
      set.call(place, row, value);
    },
  };
}

const resolve: ResolvePath = (context, { of: written, steps }) => {
  const of = written === 'instrumentation_scope' ? 'scope' : written;
  if (!REACHABLE[context].includes(of))
    return { step: 0, message: `belongs to ${of}, which a ${context} is not part of` };
  const [first, ...further] = steps;
  if (first === undefined) return { step: 0, message: 'needs the name of a field' };
  if (first.name === 'cache') return resolveCache(of === context, first, further);
  if (context === 'scope' && of === 'resource' && first.name === 'schema_url') {
    return resolveIn({ schema_url: SCOPE_SCHEMA_URL_AS_RESOURCES }, steps, 0);
  }
  return resolveIn(PLACES[of], steps, 0);
};

/** The names of a context's fields, for completion and documentation. */
export function fieldNames(context: ContextName): readonly string[] {
  return ['cache', ...Object.keys(PLACES[context])];
}

/** Every path of a context, as one may end: `status.code`. */
export function pathNames(context: ContextName): readonly string[] {
  const below = (table: PlaceTable): readonly string[] =>
    Object.entries(table).flatMap(([name, { next }]) => [
      name,
      ...(next === undefined ? [] : below(next).map((further) => `${name}.${further}`)),
    ]);
  return ['cache', ...below(PLACES[context])];
}

function resolveCache(isOwn: boolean, { keys }: PathStep, further: readonly PathStep[]): Place | PathProblem {
  if (!isOwn) return { step: 0, message: 'belongs to the row itself: write it without another context in front' };
  return further.length > 0 ? { step: 1, message: 'has no such field' } : cachePlace(keys);
}

function resolveIn(table: PlaceTable, steps: readonly PathStep[], at: number): Place | PathProblem {
  const { name, keys } = steps[at]!;
  const entry = Object.hasOwn(table, name) ? table[name] : undefined;
  if (entry === undefined) {
    const didYouMean = suggest(name, Object.keys(table));
    return { step: at, message: 'has no such field', ...(didYouMean !== undefined && { didYouMean }) };
  }
  if (at + 1 < steps.length) {
    if (keys.length > 0) return { step: at, message: 'cannot be indexed' };
    return entry.next === undefined
      ? { step: at + 1, message: 'has no such field' }
      : resolveIn(entry.next, steps, at + 1);
  }
  const place = entry.place(keys);
  return typeof place === 'string' ? { step: at, message: place } : place;
}
