import type { ComponentChildren } from 'preact';
import type { FlowGraph, FlowNode } from '../../../src/flow/flow-graph.ts';
import type { RuleStatus } from '../../../src/server/api.ts';
import { Command } from '../components/command.tsx';
import { Link } from '../components/link.tsx';
import { Mark } from '../components/mark.tsx';
import { Prose } from '../components/prose.tsx';
import { bytes, shortNumber, thousands, timeOfDay } from '../shell/format.ts';
import { overview } from '../shell/live.ts';
import { hrefWith } from '../shell/route.ts';
import { backendWord, dropsOf, pipelineText, queuePercent, rate } from './words.ts';

/** What is known of one node: its figures, what fails, where it is written, what to run. */
export function NodePanel({ node, graph }: { readonly node: FlowNode; readonly graph: FlowGraph }) {
  const { pipeline, source, live } = node;
  const problem = overview.value?.problems.find(
    (candidate) => candidate.pipeline?.kind === pipeline?.kind && candidate.pipeline?.name === pipeline?.name,
  );
  const isKnown = overview.value?.pipelines.some(({ kind, name }) => kind === pipeline?.kind && name === pipeline.name);
  const isBlamed = pipeline !== undefined && (node.stage === 'queue' || node.stage === 'backend');
  const rules = node.stage === 'processor' && isKnown ? rulesOf(node) : [];
  return (
    <aside class="node-panel" aria-label="Node">
      <div class="node-panel-head">
        <h2>{node.label}</h2>
        <Link class="button button-small" replace data-up href={hrefWith({ node: '' })} aria-label="Close the node">
          ✕
        </Link>
      </div>
      <dl class="node-facts">
        {pipeline !== undefined && (
          <Fact name="pipeline">
            {isKnown ? (
              <Link href={`/pipelines/${pipeline.kind}/${pipeline.name}`}>{pipelineText(node)}</Link>
            ) : (
              pipelineText(node)
            )}
          </Fact>
        )}
        {node.workload !== undefined && (
          <Fact name="process">
            {node.workload}
            <Process workload={node.workload} />
          </Fact>
        )}
        <Flow node={node} graph={graph} />
        {live?.queue !== undefined && (
          <Fact name="queue">
            {queuePercent(node) ?? 0} %, {bytes(live.queue.sizeBytes)} of {bytes(live.queue.capacityBytes)}
          </Fact>
        )}
        {live?.filtered !== undefined && (
          <Fact name="filtered">
            {thousands(live.filtered)}, now {rate(live.filteredPerSecond)}
          </Fact>
        )}
        <BackendFact node={node} />
        {dropsOf(node).map(({ cause, items }) => (
          <Fact key={cause} name={`lost: ${cause}`}>
            <span class="alarming">{thousands(items)}</span>
          </Fact>
        ))}
        {(live?.droppedPerSecond ?? 0) > 0 && <Fact name="lost now">{shortNumber(live?.droppedPerSecond ?? 0)}/s</Fact>}
        {source !== undefined && (
          <Fact name="written at">
            {pipeline === undefined ? (
              `${source.file}:${source.line}`
            ) : (
              <Link href={`/pipelines/${pipeline.kind}/${pipeline.name}?tab=yaml&line=${source.line}`}>
                {source.file}:{source.line}
              </Link>
            )}{' '}
            <span class="muted">{source.field}</span>
          </Fact>
        )}
      </dl>
      {rules.length > 0 && (
        <table class="rules" aria-label="Rules of this stage">
          <thead>
            <tr>
              <th scope="col">Rule</th>
              <th scope="col" class="numeric">
                Matched
              </th>
              <th scope="col" class="numeric">
                Failed
              </th>
            </tr>
          </thead>
          <tbody>
            {rules.map(({ field, text, matched, failed }) => (
              <tr key={field}>
                <th scope="row" title={field}>
                  <code>{text}</code>
                </th>
                <td class="numeric">{thousands(matched)}</td>
                <td class="numeric">{thousands(failed)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {isBlamed && problem !== undefined && (
        <div class="node-problem">
          <p>
            <Prose text={problem.detail} />
          </p>
          {problem.commands.map((command) => (
            <Command key={command} text={command} />
          ))}
        </div>
      )}
    </aside>
  );
}

const FIELD_OF_STAGE = { transform: 'spec.transform[', filter: 'spec.filter[', namespaces: 'spec.input' } as const;

/** As far as the overview has them; the page of the pipeline has more. */
function rulesOf({ id, pipeline }: FlowNode): readonly RuleStatus[] {
  const field = FIELD_OF_STAGE[id.slice(id.lastIndexOf('/') + 1) as keyof typeof FIELD_OF_STAGE];
  const status = overview.value?.pipelines.find(({ kind, name }) => kind === pipeline?.kind && name === pipeline.name);
  return field === undefined ? [] : (status?.rules?.items ?? []).filter((rule) => rule.field.startsWith(field));
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Process({ workload }: { readonly workload: string }) {
  const process = overview.value?.processes?.find((candidate) => candidate.workload === workload);
  if (process === undefined) return null;
  const { state, pid, since, restarts, message } = process;
  return (
    <span class="muted">
      {' '}
      {state} since {timeOfDay(since, false)}
      {pid !== undefined && `, pid ${pid}`}
      {restarts > 0 && `, started again ${restarts} times`}
      {message !== undefined && `: ${message}`}
    </span>
  );
}

/** Items per second into and out of the node, by signal. */
function Flow({ node, graph }: { readonly node: FlowNode; readonly graph: FlowGraph }) {
  const sum = (end: 'from' | 'to') => {
    const own = graph.edges.filter((edge) => edge[end] === node.id);
    return own.length === 0 ? undefined : own.reduce((total, { perSecond }) => total + (perSecond ?? 0), 0);
  };
  const [into, out] = [sum('to'), sum('from')];
  return (
    <>
      {into !== undefined && <Fact name="in">{rate(into)}</Fact>}
      {out !== undefined && <Fact name="out">{rate(out)}</Fact>}
    </>
  );
}

function BackendFact({ node }: { readonly node: FlowNode }) {
  const state = backendWord(node);
  const backend = node.live?.backend;
  if (state === undefined || backend === undefined) return null;
  return (
    <Fact name="backend">
      <Mark state={state.mark} /> {state.word}
      {backend.state !== 'unknown' && ` since ${timeOfDay(backend.since, false)}`}
      {backend.failure !== undefined && <span class="muted"> {backend.failure.message}</span>}
    </Fact>
  );
}
