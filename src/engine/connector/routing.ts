import type { Static } from 'typebox';
import type { Issue } from '../../diagnostics/index.ts';
import { errorMessage, Type } from '../../lib/index.ts';
import { type PipelineId, pipelineSignal } from '../../otelcol/index.ts';
import type { Batch } from '../batch.ts';
import { type ComponentUse, defineConnector } from '../component.ts';
import { oneOf, settingsObject } from '../settings/schema.ts';
import { parseRequestCondition, type RequestCondition } from './request-condition.ts';

const Pipelines = Type.Array(Type.Unsafe<PipelineId>({ type: 'string' }));

const RoutingConfig = settingsObject({
  table: Type.Array(
    settingsObject({
      context: Type.String(),
      condition: Type.String(),
      statement: Type.String(),
      action: oneOf('move', 'copy'),
      pipelines: Pipelines,
    }),
  ),
  default_pipelines: Pipelines,
  error_mode: oneOf('propagate', 'ignore', 'silent'),
});
type RoutingConfig = Static<typeof RoutingConfig>;
type TableItem = NonNullable<RoutingConfig['table']>[number];

interface Route {
  readonly matches: RequestCondition;
  readonly copies: boolean;
  readonly pipelines: readonly PipelineId[];
}

/** Sends a request where its headers say: the first condition that is met decides, `action: copy` goes on to the next. */
export const routingConnector = defineConnector({
  schema: RoutingConfig,
  check: checkRouting,
  create(settings) {
    const routes = parseTable(settings.table ?? []);
    const defaults = eachOnce(settings.default_pipelines ?? []);
    return { route: (batch) => targetsOf(batch, routes, defaults) };
  },
});

const NO_METADATA = {};

function targetsOf({ metadata = NO_METADATA }: Batch, routes: readonly Route[], defaults: readonly PipelineId[]) {
  const copied: PipelineId[] = [];
  for (const { matches, copies, pipelines } of routes) {
    if (!matches(metadata)) continue;
    if (!copies) return copied.length === 0 ? pipelines : eachOnce([...copied, ...pipelines]);
    copied.push(...pipelines);
  }
  return copied.length === 0 ? defaults : eachOnce([...copied, ...defaults]);
}

/** The Collector gives a pipeline that is reached in two ways the data twice. */
function eachOnce(pipelines: readonly PipelineId[]): readonly PipelineId[] {
  return [...new Set(pipelines)];
}

/** Of two rows with one condition the first counts, as in the Collector. */
function parseTable(table: readonly TableItem[]): Route[] {
  return table
    .filter(({ condition }, i) => table.findIndex((other) => other.condition === condition) === i)
    .map(({ condition = '', action, pipelines = [] }) => ({
      matches: parseRequestCondition(condition),
      copies: action === 'copy',
      pipelines: eachOnce(pipelines),
    }));
}

function checkRouting({ table = [], default_pipelines: defaults = [] }: RoutingConfig, use: ComponentUse): Issue[] {
  if (table.length === 0) {
    const help =
      'add an entry such as `{context: request, condition: \'request["X-Tenant"] == "acme"\', pipelines: [traces/acme]}`';
    return [{ code: 'SL0102', severity: 'error', message: '`table` is required', path: ['table'], help }];
  }
  const rows = table.flatMap((item, i) => [
    ...checkPipelines(item.pipelines, use, ['table', i, 'pipelines']),
    ...checkItem(item).map((issue) => ({ ...issue, path: ['table', i, ...(issue.path ?? [])] })),
  ]);
  return [...rows, ...checkPipelines(defaults, use, ['default_pipelines'])];
}

/** Every pipeline that is named must take what the connector gives it, in each signal that the connector is used for. */
function checkPipelines(
  named: readonly PipelineId[] = [],
  { signals, receivedBy }: ComponentUse,
  path: readonly (string | number)[],
): Issue[] {
  return named.flatMap((pipeline, i): Issue[] => {
    const issue = (message: string, help: string): Issue[] => [
      { code: 'SL0406', severity: 'error', message, path: [...path, i], help },
    ];
    if (!receivedBy.includes(pipeline)) {
      return issue(
        `no pipeline \`${pipeline}\` receives from this connector`,
        'name the connector under its `receivers`',
      );
    }
    const other = signals.find((signal) => signal !== pipelineSignal(pipeline));
    if (other === undefined) return [];
    return issue(
      `pipeline \`${pipeline}\` takes no ${other}, which the connector gets too`,
      'use a connector for each signal',
    );
  });
}

function checkItem({ context = 'resource', condition, statement, pipelines = [] }: TableItem): Issue[] {
  if (context !== 'request') {
    const message = `the engine routes by \`context: request\` only, not by \`${context}\``;
    const notes = ['the other contexts come with the pipeline language'];
    return [{ code: 'SL0107', severity: 'error', message, path: ['context'], notes }];
  }
  const issues: Issue[] = [];
  const required = (key: string) =>
    issues.push({ code: 'SL0102', severity: 'error', message: `\`${key}\` is required`, path: [key] });
  if (pipelines.length === 0) required('pipelines');
  if (statement !== undefined && statement !== '') {
    const message = 'the context `request` has a `condition`, not a `statement`';
    issues.push({ code: 'SL0105', severity: 'error', message, path: ['statement'] });
  } else if (condition === undefined || condition === '') required('condition');
  else issues.push(...checkCondition(condition));
  return issues;
}

function checkCondition(condition: string): Issue[] {
  try {
    parseRequestCondition(condition);
    return [];
  } catch (error) {
    return [
      { code: 'SL0105', severity: 'error', message: `\`condition\` ${errorMessage(error)}`, path: ['condition'] },
    ];
  }
}
