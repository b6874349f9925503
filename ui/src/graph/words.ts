import type { FlowEdge, FlowNode } from '../../../src/flow/flow-graph.ts';
import type { ProcessDocument } from '../../../src/server/api.ts';
import { BACKEND_ADVICE, DROP_CAUSE_WORDS } from '../../../src/server/overview/backend-advice.ts';
import type { MarkState } from '../components/mark.tsx';
import { shortNumber } from '../shell/format.ts';
import { laneTitle } from './lanes.ts';

/** `1.2k/s` */
export function rate(perSecond: number | undefined): string {
  return perSecond === undefined ? '–' : `${shortNumber(perSecond)}/s`;
}

export function queuePercent({ live }: FlowNode): number | undefined {
  const queue = live?.queue;
  if (queue === undefined || queue.capacityBytes === 0) return undefined;
  // Whatever lies in a queue is to be seen.
  return Math.min(100, Math.ceil((queue.sizeBytes * 100) / queue.capacityBytes));
}

export interface Drop {
  readonly cause: string;
  readonly items: number;
}

/** Where data leaves the flow, the largest first. */
export function dropsOf({ live }: FlowNode): readonly Drop[] {
  return Object.entries(live?.dropped ?? {})
    .map(([cause, items]) => ({ cause: DROP_CAUSE_WORDS[cause as keyof typeof DROP_CAUSE_WORDS] ?? cause, items }))
    .sort((a, b) => b.items - a.items);
}

/** A state by mark and word; undefined for what has none. */
export function backendWord({ live }: FlowNode): { readonly mark: MarkState; readonly word: string } | undefined {
  const backend = live?.backend;
  if (backend === undefined) return undefined;
  if (backend.state === 'ok') return { mark: 'ok', word: 'ok' };
  if (backend.state === 'unknown') return { mark: 'waiting', word: 'no answer yet' };
  if (backend.failure === undefined) return { mark: 'failing', word: 'failing' };
  return { mark: 'failing', word: `${BACKEND_ADVICE[backend.failure.kind].phrase} · ${backend.failure.code}` };
}

const PROCESS_MARK = { running: 'ok', starting: 'waiting', restarting: 'failing', stopped: 'failing' } as const;

/** How the process of an input is, where there are several. */
export function processWord(
  { stage, workload }: FlowNode,
  processes: readonly ProcessDocument[] = [],
): { readonly mark: MarkState; readonly word: string } | undefined {
  const process = stage === 'input' ? processes.find((candidate) => candidate.workload === workload) : undefined;
  if (process === undefined) return undefined;
  if (process.state === 'running' && process.message !== undefined) return { mark: 'failing', word: 'hangs' };
  return { mark: PROCESS_MARK[process.state], word: process.state };
}

/** `tracepipeline/audit` */
export function pipelineText({ pipeline }: Pick<FlowNode | FlowEdge, 'pipeline'>): string {
  return pipeline === undefined ? '' : `${pipeline.kind.toLowerCase()}/${laneTitle(pipeline)}`;
}

/** A node in one sentence, for those who hear the picture. */
export function describeNode(node: FlowNode): string {
  const percent = queuePercent(node);
  const drops = dropsOf(node).map(({ cause, items }) => `${shortNumber(items)} lost: ${cause}`);
  const parts = [
    `${node.stage} ${node.label}`,
    node.pipeline === undefined ? '' : `of ${pipelineText(node)}`,
    percent === undefined ? '' : `${percent} % full`,
    backendWord(node)?.word ?? '',
    (node.live?.filteredPerSecond ?? 0) > 0 ? `filters ${rate(node.live?.filteredPerSecond)}` : '',
    ...drops,
  ];
  return parts.filter((part) => part !== '').join(', ');
}
