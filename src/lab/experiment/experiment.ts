import type { TopologyType } from '../../topology/index.ts';
import type { Backend, Fault, Load, Place, RunnerName } from '../run.ts';

/**
 * A question and how it is answered by measurement: `experiments/<question>/experiment.yaml`, read and checked.
 * A cell is one value on each axis; a run is one measurement of a cell.
 */
export interface Experiment {
  /** The name of its folder: `isolation`. */
  readonly question: string;
  /** The question in words. */
  readonly title: string;
  readonly hypothesis: string;
  /** Why it matters, and to which decision the answer leads. */
  readonly why?: string;
  readonly axes: Axes;
  /** Cells beside the full matrix of the axes. */
  readonly include: readonly Coordinates[];
  /** Cells that the matrix is left without: those that have all the values written. */
  readonly exclude: readonly Partial<Coordinates>[];
  readonly scenarios: Readonly<Record<string, Scenario>>;
  readonly loads: Readonly<Record<string, readonly Load[]>>;
  readonly profiles: Profiles;
  readonly figures: readonly FigureDefinition[];
  readonly comparisons: readonly Comparison[];
  readonly criteria: readonly Criterion[];
  /** Programs that must be there for a full answer, beside Sluice itself. */
  readonly needs: readonly Need[];
  /** What the answer does not cover. */
  readonly limits: readonly string[];
}

/** In the order in which cells are sorted and named. `scenario` and `load` are names of what the experiment defines. */
export const AXES = [
  'runner',
  'topology',
  'settings',
  'scenario',
  'load',
  'replicas',
  'memory',
  'queue',
  'place',
] as const;
export type AxisName = (typeof AXES)[number];

export interface Coordinates {
  readonly runner: RunnerName;
  readonly topology: TopologyType;
  readonly settings: string;
  readonly scenario: string;
  readonly load: string;
  readonly replicas: number;
  /** Of each gateway, as it was written: `768Mi`. */
  readonly memory: string;
  /** Of each pipeline's queue, `16Mi`; `default`: what Sluice renders by itself. */
  readonly queue: string;
  readonly place: Place;
}

/** What each axis takes, in the order written; never empty. */
export type Axes = { readonly [Name in AxisName]: readonly Coordinates[Name][] };

/** Backends, and what happens to them or to workloads meanwhile. */
export interface Scenario {
  /** In words, for the report. */
  readonly title?: string;
  /** What waits for each backend that does not accept, before the measurement begins. */
  readonly backlogBytes?: number;
  /** CPU that each process may use, in cores; absent: as much as there is. */
  readonly coresEach?: number;
  readonly backends: readonly Backend[];
  readonly faults: readonly ScheduledFault[];
}

/** A fault whose moment may depend on how long a profile measures. */
export type ScheduledFault = Omit<Fault, 'afterMs'> & {
  readonly after: { readonly ms: number } | { readonly share: number };
};

export const PROFILES = ['quick', 'full', 'cluster'] as const;
export type ProfileName = (typeof PROFILES)[number];

export interface Profiles {
  readonly quick: Profile;
  readonly full: Profile;
  /** What is worth the time on a cluster; only of experiments that ask something of one. */
  readonly cluster?: Profile;
}

export interface Profile {
  readonly warmUpMs: number;
  readonly durationMs: number;
  /** Runs of each cell. */
  readonly repetitions: number;
  /** What a run takes beside warm-up and measurement, for the estimate: starting, draining. */
  readonly overheadMs: number;
  /** The cells that match one of these; all, where it is empty. */
  readonly cells: readonly CellPattern[];
}

/** A cell matches that has one of the listed values on each axis written. */
export type CellPattern = { readonly [Name in AxisName]?: readonly Coordinates[Name][] };

/** A number that each run yields, as it is shown. */
export interface FigureDefinition {
  /** The key in `RunResult.figures`: `goodput_percent`. */
  readonly name: string;
  readonly title: string;
  /** `%`, `ms`, `MiB`, `items/s`; empty for a mere count. */
  readonly unit: string;
  readonly better: 'more' | 'less';
  /** A difference of less than this, in the figure's unit, is of no importance. */
  readonly tolerance: number;
  /** The end of its axis in pictures, such as 100 for a percentage. */
  readonly max?: number;
}

/** Which cells are compared: those that differ in this axis alone, each with the one that has `baseline` there. */
export interface Comparison {
  readonly title: string;
  readonly axis: AxisName;
  readonly baseline: string | number;
  /** Names of figures; all, where it is empty. */
  readonly figures: readonly string[];
  /** Only among the cells that match one of these; all, where it is empty. */
  readonly cells: readonly CellPattern[];
}

/** What was promised of a figure: one of `atLeast` and `atMost`. */
export interface Criterion {
  readonly title: string;
  /** Its name. */
  readonly figure: string;
  readonly atLeast?: number;
  /** `memory`: that of the gateway, for figures in MiB. */
  readonly atMost?: number | 'memory';
  /** The ratio to the cell with these values, all others alike; absent: the figure itself. */
  readonly of?: Partial<Coordinates>;
  /** Of the cells that match one of these; all, where it is empty. */
  readonly cells: readonly CellPattern[];
}

export type Need = 'otelcol';

/** One combination of values that is measured. */
export interface Cell {
  /** Its values on the axes that vary, `engine.shared.dead`: fit for file names and shells. */
  readonly id: string;
  readonly coordinates: Coordinates;
}
