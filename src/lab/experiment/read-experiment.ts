import {
  checkSchema,
  formatPath,
  type Issue,
  type Path,
  parseYamlDocuments,
  type SourceDocument,
  suggest,
} from '../../diagnostics/index.ts';
import { parseByteSize, parseDuration } from '../../lib/index.ts';
import { isShapeName, parseSinkMode, SHAPE_NAMES, SINK_MODE_SYNTAX, shapeSignals } from '../../load/index.ts';
import type { Backend, Load } from '../run.ts';
import { NAMED_SETTINGS } from '../runners/named-settings.ts';
import {
  AXES,
  type Axes,
  type CellPattern,
  type Comparison,
  type Coordinates,
  type Criterion,
  type Experiment,
  PROFILES,
  type Profile,
  type ScheduledFault,
} from './experiment.ts';
import { EXPERIMENT_SCHEMA, type WrittenExperiment, type WrittenProfile, type WrittenScenario } from './schema.ts';

/** What an axis takes that is not written. */
const DEFAULT_AXES = {
  topology: ['Shared'],
  settings: ['sluice'],
  replicas: [1],
  memory: ['512Mi'],
  queue: ['default'],
  place: ['processes'],
} as const;
const DEFAULT_OVERHEAD_MS = 5000;
const SETTINGS = Object.keys(NAMED_SETTINGS);

export interface ReadExperiment {
  /** Absent when there is an error. */
  readonly experiment?: Experiment;
  readonly issues: readonly Issue[];
}

/** Reads and checks one experiment. `folder` is the name of its folder, which its question has to be called like. */
export function readExperiment(
  source: { readonly file: string; readonly text: string },
  folder: string,
): ReadExperiment {
  const { documents, issues } = parseYamlDocuments(source.text, source.file);
  const [document, second] = documents;
  if (issues.length > 0) return { issues };
  if (document === undefined || second !== undefined) {
    const what = document === undefined ? 'the file is empty' : 'the file holds more than one document';
    return { issues: [{ code: 'SL0801', severity: 'error', message: `${what}; an experiment is one document` }] };
  }
  const wrong = checkSchema(document.value, EXPERIMENT_SCHEMA, { document });
  if (wrong.length > 0) return { issues: wrong };
  const reading = new Reading(document);
  const experiment = reading.read(folder);
  return reading.issues.length > 0 ? { issues: reading.issues } : { experiment, issues: [] };
}

/** What the schema cannot say: names that must be defined, words of other formats, moments within the measurement. */
class Reading {
  readonly issues: Issue[] = [];
  readonly #document: SourceDocument;
  readonly #written: WrittenExperiment;

  constructor(document: SourceDocument) {
    this.#document = document;
    this.#written = document.value as WrittenExperiment;
  }

  read(folder: string): Experiment {
    const { question, title, hypothesis, why, profiles } = this.#written;
    if (question !== folder) this.#report(['question'], `must be called like its folder, \`${folder}\``);
    const axes = this.#axes();
    return {
      question,
      title,
      hypothesis,
      ...(why === undefined ? {} : { why }),
      axes,
      include: (this.#written.include ?? []).map((one, index) => this.#included(one, axes, ['include', index])),
      exclude: (this.#written.exclude ?? []).map((one, index) => this.#excluded(one, axes, ['exclude', index])),
      scenarios: Object.fromEntries(
        Object.entries(this.#written.scenarios).map(([name, one]) => [name, this.#scenario(one, ['scenarios', name])]),
      ),
      loads: Object.fromEntries(
        Object.entries(this.#written.loads).map(([name, loads]) => [
          name,
          loads.map((load, index) => this.#load(load, ['loads', name, index])),
        ]),
      ),
      profiles: {
        quick: this.#profile(profiles.quick, axes, ['profiles', 'quick']),
        full: this.#profile(profiles.full, axes, ['profiles', 'full']),
        ...(profiles.cluster === undefined
          ? {}
          : { cluster: this.#profile(profiles.cluster, axes, ['profiles', 'cluster']) }),
      },
      figures: this.#figures(),
      comparisons: (this.#written.comparisons ?? []).map((one, index) =>
        this.#comparison(one, axes, ['comparisons', index]),
      ),
      criteria: (this.#written.criteria ?? []).map((one, index) => this.#criterion(one, axes, ['criteria', index])),
      needs: this.#written.needs ?? [],
      limits: this.#written.limits ?? [],
    };
  }

  #axes(): Axes {
    const written = this.#written.axes;
    const axes = { ...DEFAULT_AXES, ...written } as Axes;
    for (const name of AXES) {
      const values: readonly (string | number)[] = axes[name];
      const again = values.findIndex((value, index) => values.indexOf(value) !== index);
      if (again >= 0) this.#report(['axes', name, again], `names \`${values[again]}\` a second time`);
      for (const [index, value] of values.entries()) this.#checkValue(name, value, ['axes', name, index]);
    }
    return axes;
  }

  #checkValue(axis: string, value: string | number, path: Path): void {
    const { scenarios, loads } = this.#written;
    if (axis === 'scenario') this.#defined(String(value), { names: Object.keys(scenarios), under: 'scenarios' }, path);
    if (axis === 'settings' && !Object.hasOwn(NAMED_SETTINGS, value)) {
      this.#undefined(`names \`${value}\`, which are no settings of a runner`, String(value), SETTINGS, path);
    }
    if (axis === 'load') this.#defined(String(value), { names: Object.keys(loads), under: 'loads' }, path);
    const isSize = axis === 'memory' || (axis === 'queue' && value !== 'default');
    if (isSize && parseByteSize(String(value)) === undefined) this.#report(path, 'must be a size such as 768Mi');
  }

  /** A cell beside the matrix: what it does not say is the first value of the axis. */
  #included(written: Partial<Coordinates>, axes: Axes, path: Path): Coordinates {
    for (const [axis, value] of Object.entries(written)) this.#checkValue(axis, value, [...path, axis]);
    const first = Object.fromEntries(AXES.map((axis) => [axis, axes[axis][0]]));
    return { ...first, ...written } as unknown as Coordinates;
  }

  #excluded(written: Partial<Coordinates>, axes: Axes, path: Path): Partial<Coordinates> {
    if (Object.keys(written).length === 0) this.#report(path, 'would leave out every cell; write at least one value');
    for (const [axis, value] of Object.entries(written)) this.#onAxis(axis, value, axes, [...path, axis]);
    return written;
  }

  #patterns(written: readonly CellPattern[] | undefined, axes: Axes, path: Path): readonly CellPattern[] {
    for (const [index, pattern] of (written ?? []).entries()) {
      for (const [axis, values] of Object.entries(pattern)) {
        for (const [at, value] of values.entries()) this.#onAxis(axis, value, axes, [...path, index, axis, at]);
      }
    }
    return written ?? [];
  }

  /** Values of cells beside the matrix count too. */
  #onAxis(axis: string, value: string | number, axes: Axes, path: Path): void {
    const included = (this.#written.include ?? []).map((one) => one[axis as keyof Coordinates]);
    const known = [...axes[axis as keyof Axes], ...included].filter((one) => one !== undefined);
    if (known.includes(value)) return;
    const names = [...new Set(known.map(String))];
    this.#undefined(`is \`${value}\`, which the axis \`${axis}\` does not have`, String(value), names, path);
  }

  #defined(
    name: string,
    { names, under }: { readonly names: readonly string[]; readonly under: string },
    path: Path,
  ): void {
    if (!names.includes(name))
      this.#undefined(`names \`${name}\`, which \`${under}\` does not define`, name, names, path);
  }

  #undefined(complaint: string, name: string, names: readonly string[], path: Path): void {
    const guess = suggest(name, names);
    const help = guess === undefined ? `there are: ${names.join(', ')}` : `did you mean \`${guess}\`?`;
    this.#report(path, complaint, { code: 'SL0802', help });
  }

  #scenario(written: WrittenScenario, path: Path) {
    const names = written.backends.map(({ name }) => name);
    const backends = written.backends.map((one, index): Backend => {
      const at = [...path, 'backends', index];
      if (names.indexOf(one.name) !== index) this.#report([...at, 'name'], `names \`${one.name}\` a second time`);
      return { name: one.name, signal: one.signal, mode: this.#mode(one.mode ?? 'accept', [...at, 'mode']) };
    });
    return {
      ...(written.title === undefined ? {} : { title: written.title }),
      ...(written.backlog === undefined ? {} : { backlogBytes: parseByteSize(written.backlog)! }),
      ...(written.coresEach === undefined ? {} : { coresEach: written.coresEach }),
      backends,
      faults: (written.faults ?? []).map((fault, index) => this.#fault(fault, names, [...path, 'faults', index])),
    };
  }

  #fault(
    written: NonNullable<WrittenScenario['faults']>[number],
    backends: readonly string[],
    path: Path,
  ): ScheduledFault {
    const { kind, target, mode } = written;
    if (kind === 'backend') {
      if (mode === undefined) this.#report(path, 'needs a `mode`: what the backend does from then on');
      if (!backends.includes(target)) {
        this.#undefined(`names \`${target}\`, which is no backend of this scenario`, target, backends, [
          ...path,
          'target',
        ]);
      }
    } else if (mode !== undefined) this.#report([...path, 'mode'], `is for faults of kind \`backend\` alone`);
    return {
      kind,
      target,
      after: this.#moment(written.after, [...path, 'after']),
      ...(mode === undefined ? {} : { mode: this.#mode(mode, [...path, 'mode']) }),
    };
  }

  #moment(text: string, path: Path): ScheduledFault['after'] {
    if (text.endsWith('%')) {
      const share = Number(text.slice(0, -1)) / 100;
      if (!(share < 1)) this.#report(path, 'must lie within the measurement: less than 100%');
      return { share };
    }
    const ms = this.#duration(text, path);
    for (const profile of PROFILES) {
      const duration = this.#written.profiles[profile]?.duration;
      if (duration === undefined) continue;
      if (ms >= (parseDuration(duration) ?? Number.POSITIVE_INFINITY)) {
        const help = 'write a share of the measurement, such as 25%, or measure longer';
        this.#report(path, `lies behind the end of profile \`${profile}\`, which measures ${duration}`, { help });
      }
    }
    return { ms };
  }

  #mode(written: string | number, path: Path): string {
    const mode = String(written);
    if (parseSinkMode(mode) === undefined)
      this.#report(path, `is no mode of a backend, got \`${mode}\``, { help: `use ${SINK_MODE_SYNTAX}` });
    return mode;
  }

  #load(written: Load, path: Path): Load {
    const { shape, signal } = written;
    if (!isShapeName(shape)) this.#undefined(`is no shape of \`sluice gen\``, shape, SHAPE_NAMES, [...path, 'shape']);
    else if (!shapeSignals(shape).includes(signal)) {
      this.#report([...path, 'shape'], `has no ${signal}; it has ${shapeSignals(shape).join(', ')}`);
    }
    return written;
  }

  #profile(written: WrittenProfile, axes: Axes, path: Path): Profile {
    const overhead = written.overhead;
    const durationMs = this.#duration(written.duration, [...path, 'duration']);
    if (durationMs === 0) this.#report([...path, 'duration'], 'must be longer than 0');
    return {
      warmUpMs: this.#duration(written.warmUp, [...path, 'warmUp']),
      durationMs,
      repetitions: written.repetitions,
      overheadMs: overhead === undefined ? DEFAULT_OVERHEAD_MS : this.#duration(overhead, [...path, 'overhead']),
      cells: this.#patterns(written.cells as readonly CellPattern[] | undefined, axes, [...path, 'cells']),
    };
  }

  #figures() {
    const { figures } = this.#written;
    return figures.map((figure, index) => {
      if (figures.findIndex(({ name }) => name === figure.name) !== index)
        this.#report(['figures', index, 'name'], `names \`${figure.name}\` a second time`);
      return { ...figure, tolerance: figure.tolerance ?? 0 };
    });
  }

  #comparison(written: NonNullable<WrittenExperiment['comparisons']>[number], axes: Axes, path: Path): Comparison {
    const figures = written.figures ?? [];
    const known = this.#written.figures.map(({ name }) => name);
    for (const [index, name] of figures.entries())
      this.#defined(name, { names: known, under: 'figures' }, [...path, 'figures', index]);
    this.#onAxis(written.axis, written.baseline, axes, [...path, 'baseline']);
    return {
      title: written.title,
      axis: written.axis,
      baseline: written.baseline,
      figures,
      cells: this.#patterns(written.cells as readonly CellPattern[] | undefined, axes, [...path, 'cells']),
    };
  }

  #criterion(written: NonNullable<WrittenExperiment['criteria']>[number], axes: Axes, path: Path): Criterion {
    const { title, figure, atLeast, atMost } = written;
    const known = this.#written.figures.map(({ name }) => name);
    this.#defined(figure, { names: known, under: 'figures' }, [...path, 'figure']);
    if ((atLeast === undefined) === (atMost === undefined))
      this.#report(path, 'needs one of `atLeast` and `atMost`: the bound that is promised');
    const of = written.of as Partial<Coordinates> | undefined;
    for (const [axis, value] of Object.entries(of ?? {})) this.#onAxis(axis, value, axes, [...path, 'of', axis]);
    return {
      title,
      figure,
      ...(atLeast === undefined ? {} : { atLeast }),
      ...(atMost === undefined ? {} : { atMost }),
      ...(of === undefined ? {} : { of }),
      cells: this.#patterns(written.cells as readonly CellPattern[] | undefined, axes, [...path, 'cells']),
    };
  }

  #duration(text: string, path: Path): number {
    const ms = parseDuration(text);
    if (ms === undefined) this.#report(path, 'must be a duration such as 10s or 1m30s');
    return ms ?? 0;
  }

  #report(path: Path, complaint: string, rest: { readonly code?: string; readonly help?: string } = {}): void {
    this.issues.push({
      code: rest.code ?? 'SL0801',
      severity: 'error',
      message: `\`${formatPath(path)}\` ${complaint}`,
      path,
      span: this.#document.spanOf(path) ?? this.#document.nearestSpan(path),
      ...(rest.help === undefined ? {} : { help: rest.help }),
    });
  }
}
