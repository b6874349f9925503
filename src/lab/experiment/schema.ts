/**
 * How people write an experiment, `experiments/<question>/experiment.yaml`:
 *
 *     question: isolation
 *     title: Does one bad backend hurt the others?
 *     hypothesis: With queues counted in bytes, a healthy pipeline does not notice its siblings.
 *     axes:
 *       runner: [engine, otelcol]
 *       scenario: [none, dead]
 *       load: [spans]
 *     scenarios:
 *       none: {backends: [{name: healthy, signal: traces}, {name: other, signal: traces}]}
 *       dead: {backends: [{name: healthy, signal: traces}, {name: other, signal: traces, mode: refuse}]}
 *     loads:
 *       spans: [{signal: traces, shape: t40-100, itemsPerRequest: 100, itemsPerSecond: 10000}]
 *     profiles:
 *       quick: {warmUp: 2s, duration: 10s, repetitions: 1}
 *       full: {warmUp: 10s, duration: 1m, repetitions: 5}
 *     figures:
 *       - {name: goodput_percent, title: Goodput of the healthy pipeline, unit: '%', better: more}
 *     comparisons:
 *       - {title: Engine beside the Collector, axis: runner, baseline: otelcol}
 */
import type { Static, TSchema } from 'typebox';
import type { JsonSchema } from '../../diagnostics/index.ts';
import { Type } from '../../lib/index.ts';
import { TOPOLOGY_TYPES } from '../../topology/index.ts';
import { AXES } from './experiment.ts';

const closed = { additionalProperties: false };
const oneOf = <const T extends string>(...values: readonly T[]) => Type.Unsafe<T>({ type: 'string', enum: values });
const record = <T extends TSchema>(value: T) =>
  Type.Unsafe<Readonly<Record<string, Static<T>>>>({ type: 'object', additionalProperties: value, minProperties: 1 });
const list = <T extends TSchema>(items: T) => Type.Array(items, { minItems: 1 });

/** Names become parts of cells' names, which stand in commands and file names. */
const Name = Type.String({ pattern: '^[a-z0-9][a-z0-9-]*$', maxLength: 40, example: 'two-backends' });
const Text = Type.String({ minLength: 1 });
const Duration = Type.String({ pattern: '^([0-9.]+(ms|s|m|h))+$', example: '10s' });
const Moment = Type.String({ pattern: '^(([0-9.]+(ms|s|m|h))+|[0-9.]+%)$', example: '5s` or `25%' });
const Size = Type.String({ pattern: '^[0-9.]+(Ki|Mi|Gi)$', example: '768Mi' });
/** Statuses such as 503 may stand without quotes. */
const Mode = Type.Unsafe<string | number>({ anyOf: [{ type: 'string' }, { type: 'integer' }] });
const SignalName = oneOf('traces', 'metrics', 'logs');
const Runner = oneOf('engine', 'otelcol');
const Topology = oneOf(...TOPOLOGY_TYPES);
const PlaceName = oneOf('processes', 'cluster');
const QueueSize = Type.String({ pattern: '^([0-9.]+(Ki|Mi|Gi)|default)$', example: '16Mi' });
const Replicas = Type.Integer({ minimum: 1, maximum: 32 });

const coordinate = {
  runner: Runner,
  topology: Topology,
  settings: Name,
  scenario: Name,
  load: Name,
  replicas: Replicas,
  memory: Size,
  queue: QueueSize,
  place: PlaceName,
};

const AxesSchema = Type.Object(
  {
    runner: list(Runner),
    topology: Type.Optional(list(Topology)),
    settings: Type.Optional(list(Name)),
    scenario: list(Name),
    load: list(Name),
    replicas: Type.Optional(list(Replicas)),
    memory: Type.Optional(list(Size)),
    queue: Type.Optional(list(QueueSize)),
    place: Type.Optional(list(PlaceName)),
  },
  closed,
);
const PartialCoordinates = Type.Partial(Type.Object(coordinate), closed);
const CellPatternSchema = Type.Partial(
  Type.Object({
    runner: list(Runner),
    topology: list(Topology),
    settings: list(Name),
    scenario: list(Name),
    load: list(Name),
    replicas: list(Replicas),
    memory: list(Size),
    queue: list(QueueSize),
    place: list(PlaceName),
  }),
  closed,
);

const ScenarioSchema = Type.Object(
  {
    title: Type.Optional(Text),
    backlog: Type.Optional(Size),
    coresEach: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    backends: list(Type.Object({ name: Name, signal: SignalName, mode: Type.Optional(Mode) }, closed)),
    faults: Type.Optional(
      Type.Array(
        Type.Object(
          {
            after: Moment,
            kind: oneOf('kill', 'restart', 'reload', 'backend', 'fill-disk', 'free-disk', 'squeeze-memory'),
            target: Text,
            mode: Type.Optional(Mode),
          },
          closed,
        ),
      ),
    ),
  },
  closed,
);

const LoadSchema = Type.Object(
  {
    signal: SignalName,
    shape: Name,
    itemsPerRequest: Type.Integer({ minimum: 1 }),
    itemsPerSecond: Type.Number({ minimum: 0 }),
    retry: Type.Optional(Type.Boolean()),
  },
  closed,
);

const ProfileSchema = Type.Object(
  {
    warmUp: Duration,
    duration: Duration,
    repetitions: Type.Integer({ minimum: 1, maximum: 1000 }),
    overhead: Type.Optional(Duration),
    cells: Type.Optional(list(CellPatternSchema)),
  },
  closed,
);

const FigureSchema = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z0-9][a-z0-9_]*$', example: 'goodput_percent' }),
    title: Text,
    unit: Type.String(),
    better: oneOf('more', 'less'),
    tolerance: Type.Optional(Type.Number({ minimum: 0 })),
    max: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  },
  closed,
);

const ComparisonSchema = Type.Object(
  {
    title: Text,
    axis: oneOf(...AXES),
    baseline: Mode,
    figures: Type.Optional(list(Type.String())),
    cells: Type.Optional(list(CellPatternSchema)),
  },
  closed,
);

const CriterionSchema = Type.Object(
  {
    title: Text,
    figure: Type.String(),
    atLeast: Type.Optional(Type.Number()),
    atMost: Type.Optional(Type.Unsafe<number | 'memory'>({ anyOf: [{ type: 'number' }, { const: 'memory' }] })),
    of: Type.Optional(PartialCoordinates),
    cells: Type.Optional(list(CellPatternSchema)),
  },
  closed,
);

const ExperimentSchema = Type.Object(
  {
    question: Name,
    title: Text,
    hypothesis: Text,
    why: Type.Optional(Text),
    axes: AxesSchema,
    include: Type.Optional(Type.Array(PartialCoordinates)),
    exclude: Type.Optional(Type.Array(PartialCoordinates)),
    scenarios: record(ScenarioSchema),
    loads: record(list(LoadSchema)),
    profiles: Type.Object({ quick: ProfileSchema, full: ProfileSchema, cluster: Type.Optional(ProfileSchema) }, closed),
    figures: list(FigureSchema),
    comparisons: Type.Optional(Type.Array(ComparisonSchema)),
    criteria: Type.Optional(Type.Array(CriterionSchema)),
    needs: Type.Optional(Type.Array(oneOf('otelcol'))),
    limits: Type.Optional(Type.Array(Text)),
  },
  closed,
);

export type WrittenExperiment = Static<typeof ExperimentSchema>;
export type WrittenScenario = Static<typeof ScenarioSchema>;
export type WrittenProfile = Static<typeof ProfileSchema>;

export const EXPERIMENT_SCHEMA = ExperimentSchema as TSchema as JsonSchema;
