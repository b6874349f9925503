import { type Issue, suggest } from '../../diagnostics/index.ts';
import {
  type ComponentId,
  type OtelcolConfig,
  type PipelineConfig,
  type PipelineId,
  pipelineSignal,
} from '../../otelcol/index.ts';
import { SIGNALS } from '../../pdata/index.ts';

type Path = readonly (string | number)[];

/** References of `service`, and the shape of the graph they make. */
export function checkPipelines(config: OtelcolConfig): Issue[] {
  const { pipelines, extensions } = config.service;
  const ids = Object.keys(pipelines) as PipelineId[];
  if (ids.length === 0) return [issue('SL0406', 'the configuration has no pipeline', ['service', 'pipelines'])];
  return [
    ...references(extensions, Object.keys(config.extensions), 'extension', ['service', 'extensions']),
    ...ids.flatMap((id) => checkPipeline(config, id)),
    ...checkConnectors(config, ids),
    ...checkCycles(config, ids),
  ];
}

function checkPipeline(config: OtelcolConfig, id: PipelineId): Issue[] {
  const path: Path = ['service', 'pipelines', id];
  const pipeline = config.service.pipelines[id]!;
  const issues: Issue[] = [];
  if (!SIGNALS.includes(pipelineSignal(id))) {
    issues.push(
      issue(
        'SL0107',
        `the engine has no pipelines of \`${pipelineSignal(id)}\``,
        path,
        `signals: ${SIGNALS.join(', ')}`,
      ),
    );
  }
  for (const section of ['receivers', 'exporters'] as const) {
    if (pipeline[section].length === 0) {
      issues.push(
        issue('SL0406', `pipeline \`${id}\` must have at least one ${section.replace(/s$/, '')}`, [...path, section]),
      );
    }
  }
  const connectors = Object.keys(config.connectors);
  return [
    ...issues,
    ...references(pipeline.receivers, [...Object.keys(config.receivers), ...connectors], 'receiver', [
      ...path,
      'receivers',
    ]),
    ...references(pipeline.processors, Object.keys(config.processors), 'processor', [...path, 'processors']),
    ...references(pipeline.exporters, [...Object.keys(config.exporters), ...connectors], 'exporter', [
      ...path,
      'exporters',
    ]),
  ];
}

function references(names: readonly ComponentId[], defined: readonly string[], kind: string, path: Path): Issue[] {
  return names.flatMap((name, i) => {
    if (names.indexOf(name) !== i) return [issue('SL0406', `${kind} \`${name}\` is named twice`, [...path, i])];
    if (defined.includes(name)) return [];
    const guess = suggest(name, defined);
    const help = guess === undefined ? `define it under \`${kind}s\`` : `did you mean \`${guess}\`?`;
    return [issue('SL0406', `${kind} \`${name}\` is not defined`, [...path, i], help)];
  });
}

/** Every connector that is used must be the exporter of a pipeline and the receiver of another, of the same signal. */
function checkConnectors(config: OtelcolConfig, ids: readonly PipelineId[]): Issue[] {
  const sides = (id: PipelineId): PipelineConfig => config.service.pipelines[id]!;
  return (Object.keys(config.connectors) as ComponentId[]).flatMap((connector) => {
    const into = ids.filter((id) => sides(id).exporters.includes(connector));
    const from = ids.filter((id) => sides(id).receivers.includes(connector));
    const signals = (pipelines: readonly PipelineId[]) => new Set(pipelines.map(pipelineSignal));
    const unheard = into.filter((id) => !signals(from).has(pipelineSignal(id)));
    const unfed = from.filter((id) => !signals(into).has(pipelineSignal(id)));
    return [
      ...unheard.map((id) =>
        issue(
          'SL0406',
          `nothing receives the ${pipelineSignal(id)} that pipeline \`${id}\` exports to connector \`${connector}\``,
          ['service', 'pipelines', id, 'exporters'],
        ),
      ),
      ...unfed.map((id) =>
        issue(
          'SL0406',
          `nothing exports ${pipelineSignal(id)} to connector \`${connector}\`, from which pipeline \`${id}\` receives`,
          ['service', 'pipelines', id, 'receivers'],
        ),
      ),
    ];
  });
}

function checkCycles(config: OtelcolConfig, ids: readonly PipelineId[]): Issue[] {
  const behind = (id: PipelineId): PipelineId[] => {
    const connectors = config.service.pipelines[id]!.exporters.filter((name) => Object.hasOwn(config.connectors, name));
    return ids.filter(
      (other) =>
        pipelineSignal(other) === pipelineSignal(id) &&
        connectors.some((connector) => config.service.pipelines[other]!.receivers.includes(connector)),
    );
  };
  const reaches = (from: PipelineId, goal: PipelineId, seen = new Set<PipelineId>()): boolean =>
    behind(from).some((next) => next === goal || (!seen.has(next) && reaches(next, goal, seen.add(next))));
  return ids
    .filter((id) => reaches(id, id))
    .map((id) =>
      issue('SL0406', `pipeline \`${id}\` feeds itself through its connectors`, ['service', 'pipelines', id]),
    );
}

function issue(code: string, message: string, path: Path, help?: string): Issue {
  return { code, severity: 'error', message, path, ...(help !== undefined && { help }) };
}
