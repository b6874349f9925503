import { checkSchema, type Issue, type JsonSchema, type SourceDocument, suggest } from '../diagnostics/index.ts';
import { SIGNALS } from '../pdata/index.ts';
import { componentIdProblem } from './component-id.ts';
import type { OtelcolConfig } from './config.ts';

const COMPONENTS: JsonSchema = { type: 'object', additionalProperties: { type: 'object', additionalProperties: true } };
const IDS: JsonSchema = { type: 'array', items: { type: 'string', minLength: 1 } };

const PIPELINE: JsonSchema = {
  type: 'object',
  properties: {
    receivers: { ...IDS, minItems: 1 },
    processors: IDS,
    exporters: { ...IDS, minItems: 1 },
  },
  required: ['receivers', 'exporters'],
};

const SERVICE: JsonSchema = {
  type: 'object',
  properties: {
    extensions: IDS,
    telemetry: { type: 'object', additionalProperties: true },
    pipelines: { type: 'object', additionalProperties: PIPELINE, minProperties: 1 },
  },
  required: ['pipelines'],
};

const CONFIG: JsonSchema = {
  type: 'object',
  properties: {
    receivers: { ...COMPONENTS, minProperties: 1 },
    processors: COMPONENTS,
    connectors: COMPONENTS,
    exporters: COMPONENTS,
    extensions: COMPONENTS,
    service: SERVICE,
  },
  required: ['receivers', 'service'],
};

export const SECTIONS = ['receivers', 'processors', 'connectors', 'exporters', 'extensions'] as const;
export type Section = (typeof SECTIONS)[number];

type Loose = Readonly<Record<string, Readonly<Record<string, unknown>> | null | undefined>>;

/** Unknown sections, wrong types, missing parts, ids the Collector would refuse. */
export function checkShape(value: unknown, document: SourceDocument): Issue[] {
  const issues = checkSchema(withoutNulls(value), CONFIG, { document, noun: 'setting' });
  if (issues.length > 0) return issues;
  const config = value as Loose;
  for (const section of SECTIONS) {
    for (const id of Object.keys(config[section] ?? {})) {
      const problem = componentIdProblem(id);
      if (problem !== undefined) issues.push(invalidId(id, problem, [section, id], document));
    }
  }
  for (const id of Object.keys((config['service'] as { pipelines: object }).pipelines)) {
    const problem = pipelineIdProblem(id);
    if (problem !== undefined) issues.push(invalidId(id, problem, ['service', 'pipelines', id], document));
  }
  return issues;
}

/** `otlp:` without settings is a component with its defaults, not a missing one. */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const sections: readonly string[] = SECTIONS;
  const entries = Object.entries(value).map(([key, section]) => [
    key,
    sections.includes(key) ? filled(section) : section,
  ]);
  return Object.fromEntries(entries);
}

function filled(section: unknown): unknown {
  if (typeof section !== 'object' || section === null || Array.isArray(section)) return section;
  return Object.fromEntries(Object.entries(section).map(([id, settings]) => [id, settings ?? {}]));
}

function pipelineIdProblem(id: string): string | undefined {
  const signal = id.split('/', 1)[0]!;
  if (componentIdProblem(id) !== undefined) return componentIdProblem(id);
  if ((SIGNALS as readonly string[]).includes(signal)) return undefined;
  const guess = suggest(signal, SIGNALS);
  return `it must start with the signal: ${SIGNALS.join(', ')}${guess === undefined ? '' : `; did you mean \`${guess}\`?`}`;
}

function invalidId(id: string, problem: string, path: readonly string[], document: SourceDocument): Issue {
  const span = document.spanOf(path, 'key');
  return {
    code: 'SL0415',
    severity: 'error',
    message: `\`${id}\` is not a valid id: ${problem}`,
    path,
    ...(span === undefined ? {} : { span }),
    label: 'this id',
  };
}

/** The configuration with every section present and every component's settings an object. */
export function withAllSections(value: unknown): OtelcolConfig {
  const config = withoutNulls(value) as Loose;
  const service = config['service'] as {
    extensions?: string[];
    pipelines: Record<string, Record<string, string[]>>;
    telemetry?: object;
  };
  const section = (name: Section) => config[name] ?? {};
  return {
    receivers: section('receivers'),
    processors: section('processors'),
    connectors: section('connectors'),
    exporters: section('exporters'),
    extensions: section('extensions'),
    service: {
      extensions: service.extensions ?? [],
      pipelines: Object.fromEntries(
        Object.entries(service.pipelines).map(([id, pipeline]) => [
          id,
          {
            receivers: pipeline['receivers'],
            processors: pipeline['processors'] ?? [],
            exporters: pipeline['exporters'],
          },
        ]),
      ),
      ...(service.telemetry == null ? {} : { telemetry: service.telemetry }),
    },
  } as unknown as OtelcolConfig;
}
