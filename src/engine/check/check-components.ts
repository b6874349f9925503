import { checkSchema, type Issue, type JsonSchema, suggest } from '../../diagnostics/index.ts';
import {
  type ComponentConfig,
  type ComponentId,
  componentType,
  type OtelcolConfig,
  type PipelineId,
  pipelineSignal,
} from '../../otelcol/index.ts';
import { SIGNALS } from '../../pdata/index.ts';
import type { ComponentUse, SettingsSpec } from '../component.ts';
import { checkDurations, settingsOf } from '../settings/normalise.ts';

type Path = readonly (string | number)[];

/** The Collector checks components that no pipeline uses, too. */
export function checkComponents(
  config: OtelcolConfig,
  section: 'receivers' | 'processors' | 'connectors' | 'exporters' | 'extensions',
  specs: Readonly<Record<string, SettingsSpec>>,
): Issue[] {
  const components = config[section];
  return (Object.keys(components) as ComponentId[]).flatMap((id) => {
    const type = componentType(id);
    if (!Object.hasOwn(specs, type)) return [unknownType(section, id, Object.keys(specs))];
    return checkSettings(components[id], specs[type]!, { path: [section, id], use: useOf(config, id) });
  });
}

function useOf({ service }: OtelcolConfig, id: ComponentId): ComponentUse {
  const ids = Object.keys(service.pipelines) as PipelineId[];
  const receivedBy = ids.filter((pipeline) => service.pipelines[pipeline]!.receivers.includes(id));
  const naming = ids.filter((pipeline) => {
    const { processors, exporters } = service.pipelines[pipeline]!;
    return receivedBy.includes(pipeline) || [...processors, ...exporters].includes(id);
  });
  const signals = SIGNALS.filter((signal) => naming.some((pipeline) => pipelineSignal(pipeline) === signal));
  return { signals, receivedBy };
}

const NOWHERE: ComponentUse = { signals: [], receivedBy: [] };

interface Place {
  readonly path: Path;
  readonly use?: ComponentUse;
}

/** Settings against their schema, then against what only their component knows. */
export function checkSettings(
  config: ComponentConfig | null | undefined,
  spec: SettingsSpec,
  { path, use = NOWHERE }: Place,
): Issue[] {
  const settings = settingsOf(config, spec.schema);
  const issues = checkSchema(settings, spec.schema as JsonSchema, { path, noun: 'setting' }).map(namedAsLack);
  issues.push(...checkDurations(settings, spec.schema, path));
  if (issues.length > 0 || spec.check === undefined) return issues;
  return spec.check(settings, use).map((issue) => ({ ...issue, path: [...path, ...(issue.path ?? [])] }));
}

/** A setting may well exist in the Collector: what is certain is that the engine does not have it. */
function namedAsLack(issue: Issue): Issue {
  if (issue.code !== 'SL0101') return issue;
  return {
    ...issue,
    code: 'SL0107',
    message: issue.message.replace(/^unknown setting/, 'the engine has no setting'),
    label: 'the engine does not have this setting',
  };
}

function unknownType(section: string, id: ComponentId, known: readonly string[]): Issue {
  const kind = section.replace(/s$/, '');
  const guess = suggest(componentType(id), known);
  return {
    code: 'SL0107',
    severity: 'error',
    message: `the engine has no ${kind} \`${componentType(id)}\``,
    path: [section, id],
    label: `the engine does not have this ${kind}`,
    ...(guess !== undefined && { help: `did you mean \`${guess}\`?` }),
    notes: [`${section} of the engine: ${[...known].sort().join(', ')}`],
  };
}
