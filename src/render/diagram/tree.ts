import type { FlowEdge, FlowGraph, FlowNode } from '../../flow/index.ts';
import { SIGNALS } from '../../pdata/index.ts';
import { pipelineKey } from './lanes.ts';
import { type DrawOptions, liveWords, PLAIN_NUMBERS, SIGNAL_LETTER } from './signal-mark.ts';

export interface TreeOptions extends DrawOptions {
  /** False keeps the branches to ASCII. */
  readonly unicode: boolean;
}

interface Marks {
  readonly arrow: string;
  readonly fork: string;
  readonly last: string;
  readonly through: string;
  readonly line: string;
}

const UNICODE: Marks = { arrow: ' → ', fork: '├─', last: '└─', through: '│ ', line: '─' };
const ASCII: Marks = { arrow: ' -> ', fork: '|-', last: '`-', through: '| ', line: '-' };

/** Cells of one line; the first carries the branches. */
type Row = readonly string[];

/** A graph as a tree for the terminal: a line where data comes in, one a process behind it, one a pipeline, columns aligned. */
export function drawTree(graph: FlowGraph, options: TreeOptions = { ...PLAIN_NUMBERS, unicode: true }): string {
  const tree = new Tree(graph, options);
  const rows = graph.nodes.filter(({ stage }) => stage === 'source').flatMap((source) => tree.source(source));
  if (rows.length === 0) return 'nothing runs: no pipeline has an input\n';
  const columns = Math.max(...rows.map((row) => row.length));
  // A line without columns of its own must not widen those of the pipelines.
  const widths = Array.from({ length: columns }, (_, i) =>
    Math.max(0, ...rows.filter((row) => row.length > 1).map((row) => [...(row[i] ?? '')].length)),
  );
  const line = (row: Row) => row.map((cell, i) => (row.length > 1 ? pad(cell, widths[i]!) : cell)).join('   ');
  return `${rows.map((row) => line(row).trimEnd()).join('\n')}\n`;
}

function pad(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - [...cell].length));
}

class Tree {
  readonly #nodes: ReadonlyMap<string, FlowNode>;
  readonly #edges: readonly FlowEdge[];
  readonly #options: TreeOptions;
  readonly #marks: Marks;

  constructor(graph: FlowGraph, options: TreeOptions) {
    this.#nodes = new Map(graph.nodes.map((node) => [node.id, node]));
    this.#edges = graph.edges;
    this.#options = options;
    this.#marks = options.unicode ? UNICODE : ASCII;
  }

  source(source: FlowNode): readonly Row[] {
    const entries = [...new Set(this.#from(source.id).map(({ to }) => to))];
    return entries.flatMap((id) => {
      const arriving = this.#from(source.id).filter(({ to }) => to === id);
      const head = `${source.label}${this.#marks.arrow}${this.#nodes.get(id)!.workload}   ${this.#signals(arriving)}`;
      return [[head], ...this.#below(id, '')];
    });
  }

  /** `T 1.20k/s   L 210/s` */
  #signals(edges: readonly FlowEdge[]): string {
    const sums = SIGNALS.filter((signal) => edges.some((edge) => edge.signal === signal)).map((signal) => {
      const own = edges.filter((edge) => edge.signal === signal);
      const perSecond = own.reduce((sum, edge) => sum + (edge.perSecond ?? 0), 0);
      const isLive = own.some((edge) => edge.perSecond !== undefined);
      return `${SIGNAL_LETTER[signal]}${isLive ? ` ${this.#options.rate(perSecond)}/s` : ''}`;
    });
    return sums.join('   ');
  }

  #below(id: string, indent: string): readonly Row[] {
    const children = this.#from(id);
    return children.flatMap((edge, i) => {
      const isLast = i === children.length - 1;
      const { fork, last, line, through } = this.#marks;
      const branch = `${indent}${isLast ? last : fork}${SIGNAL_LETTER[edge.signal]}${line} `;
      if (edge.pipeline !== undefined) return [[`${branch}${pipelineKey(edge.pipeline)}`, ...this.#chain(edge)]];
      const name = this.#nodes.get(edge.to)!.label;
      return [[`${branch}${name}`], ...this.#below(edge.to, `${indent}${isLast ? '  ' : through}   `)];
    });
  }

  /** Steps, backend, rate and state of one pipeline. */
  #chain(first: FlowEdge): Row {
    const steps: string[] = [];
    let edge: FlowEdge | undefined = first;
    while (edge !== undefined) {
      const node: FlowNode = this.#nodes.get(edge.to)!;
      const words = liveWords(node, this.#options).join(' ');
      if (node.stage === 'backend') {
        const rate = edge.perSecond === undefined ? '' : `${this.#options.rate(edge.perSecond)}/s`;
        return [steps.join(this.#marks.arrow), `${this.#marks.arrow.trim()} ${node.label}`, rate, words];
      }
      steps.push(words === '' ? node.label : `${node.label} ${words}`);
      edge = this.#next(node.id, first);
    }
    return [steps.join(this.#marks.arrow)];
  }

  #next(from: string, { pipeline }: FlowEdge): FlowEdge | undefined {
    return this.#from(from).find(
      (edge) => edge.pipeline !== undefined && pipelineKey(edge.pipeline) === pipelineKey(pipeline!),
    );
  }

  #from(id: string): readonly FlowEdge[] {
    return this.#edges.filter((edge) => edge.from === id);
  }
}
