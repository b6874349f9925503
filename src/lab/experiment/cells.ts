import {
  AXES,
  type Cell,
  type CellPattern,
  type Coordinates,
  type Experiment,
  type Profile,
  type ProfileName,
} from './experiment.ts';

/** Every cell of the experiment, in the order of the axes' values: the matrix without what is excluded, then what is included. */
export function allCells(experiment: Experiment): readonly Cell[] {
  const { axes, include, exclude } = experiment;
  const matrix = AXES.reduce<readonly Partial<Coordinates>[]>(
    (cells, axis) => cells.flatMap((cell) => axes[axis].map((value) => ({ ...cell, [axis]: value }))),
    [{}],
  ) as readonly Coordinates[];
  const kept = matrix.filter((cell) => !exclude.some((pattern) => hasValues(cell, pattern)));
  const added = include.filter((one, index) => ![...kept, ...include.slice(0, index)].some((cell) => same(cell, one)));
  const coordinates = [...kept, ...added];
  const varying = AXES.filter((axis) => new Set(coordinates.map((cell) => cell[axis])).size > 1);
  return coordinates.map((one) => ({ id: idOf(one, varying), coordinates: one }));
}

/** The cells that a profile measures; none of one that the experiment does not have. */
export function cellsOf(experiment: Experiment, profile: ProfileName): readonly Cell[] {
  const cells = experiment.profiles[profile]?.cells;
  if (cells === undefined) return [];
  return allCells(experiment).filter(({ coordinates }) => matchesAny(coordinates, cells));
}

/** Throws where the experiment does not have it. */
export function profileOf({ question, profiles }: Experiment, name: ProfileName): Profile {
  const profile = profiles[name];
  if (profile === undefined) throw new Error(`\`${question}\` has no profile ${name}`);
  return profile;
}

/** No pattern at all matches everything. */
export function matchesAny(cell: Coordinates, patterns: readonly CellPattern[]): boolean {
  return patterns.length === 0 || patterns.some((pattern) => matches(cell, pattern));
}

function matches(cell: Coordinates, pattern: CellPattern): boolean {
  return AXES.every((axis) => {
    const values: readonly (string | number)[] | undefined = pattern[axis];
    return values === undefined || values.includes(cell[axis]);
  });
}

/** Two cells of the same values, whatever experiment or version of it they come from. */
export function same(a: Coordinates, b: Coordinates): boolean {
  return AXES.every((axis) => a[axis] === b[axis]);
}

function hasValues(cell: Coordinates, pattern: Partial<Coordinates>): boolean {
  return AXES.every((axis) => pattern[axis] === undefined || pattern[axis] === cell[axis]);
}

function idOf(coordinates: Coordinates, varying: readonly (typeof AXES)[number][]): string {
  const parts = varying.map((axis) => {
    if (axis === 'replicas') return `x${coordinates.replicas}`;
    return axis === 'queue' ? `queue-${kebab(coordinates.queue)}` : kebab(coordinates[axis]);
  });
  return parts.length === 0 ? 'only' : parts.join('.');
}

/** `PerSignal` → `per-signal`; `1.5Gi` → `1-5gi`, as dots stand between the values. */
function kebab(value: string): string {
  return value
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .replace('.', '-')
    .toLowerCase();
}
