import type { FlowEdge, FlowGraph } from '../../flow/index.ts';
import { pipelineKey } from './lanes.ts';
import { type DrawOptions, edgeWords, liveWords, PLAIN_NUMBERS, queueShare } from './signal-mark.ts';
import { type Box, COLUMN_GAP, LABEL_ROOM, type LaneBand, type Layout, layOut } from './svg-layout.ts';

/** Colours of the product, light and dark; every text has a contrast of 4.5 or more on both. */
const STYLE = `
svg{--bg:#fff;--panel:#f6f8fa;--text:#1f2328;--muted:#59636e;--line:#8c959f;--traces:#0a70c2;--metrics:#a34a00;--logs:#4a1259;--ok:#127a86;--failing:#9c1030;color-scheme:light dark}
@media(prefers-color-scheme:dark){svg{--bg:#0f1419;--panel:#171d25;--text:#e6edf3;--muted:#9aa7b4;--line:#6b7785;--traces:#2f95f0;--metrics:#f08c2e;--logs:#ead6ff;--ok:#7ff0e0;--failing:#ff5c77}}
text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:var(--text)}
.muted{fill:var(--muted)}.bg{fill:var(--bg)}.band{fill:var(--panel)}
.box{fill:var(--bg);stroke:var(--line)}.fill{fill:var(--line);opacity:.5}
.ok{fill:var(--ok)}.failing{fill:var(--failing)}
.edge{fill:none;stroke-width:1.6}.traces{stroke:var(--traces)}.metrics{stroke:var(--metrics);stroke-dasharray:7 4}.logs{stroke:var(--logs);stroke-dasharray:2 4}
.label{stroke:var(--bg);stroke-width:4px;paint-order:stroke}.on-traces{fill:var(--traces)}.on-metrics{fill:var(--metrics)}.on-logs{fill:var(--logs)}
`.trim();

/**
 * A graph as a picture that stands alone: a swimlane per pipeline, columns by stage, signals told apart by colour, pattern and
 * letter. Holds no script and no address, fits light and dark pages, and says in words what it shows.
 */
export function drawSvg(graph: FlowGraph, options: DrawOptions = PLAIN_NUMBERS): string {
  const layout = layOut(graph);
  const { width, height } = layout;
  const edges = graph.edges.map((edge) => drawEdge(edge, graph, layout, options));
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escapeText(titleOf(graph))}</title>`,
    `<desc id="desc">${escapeText(describeInWords(graph, options))}</desc>`,
    `<style>${STYLE}</style>`,
    `<rect class="bg" width="${width}" height="${height}"/>`,
    ...layout.titles.map(({ stage, x }) => `<text class="muted" x="${x}" y="26">${stage.toUpperCase()}</text>`),
    ...layout.bands.map((band) => drawBand(band, width)),
    ...edges.map(({ path }) => path),
    ...[...layout.boxes.values()].map((box) => drawBox(box, options)),
    ...edges.map(({ text }) => text),
    '</svg>',
  ].join('\n')}\n`;
}

function titleOf({ topology, edges }: FlowGraph): string {
  const count = new Set(edges.flatMap(({ pipeline }) => (pipeline === undefined ? [] : [pipelineKey(pipeline)]))).size;
  return `${count} pipeline${count === 1 ? '' : 's'}, topology ${topology}`;
}

/** The same in words, one sentence an edge: what a screen reader gets. */
function describeInWords({ nodes, edges }: FlowGraph, { rate }: DrawOptions): string {
  const label = new Map(nodes.map((node) => [node.id, node.label]));
  const sentences = edges.map(({ from, to, signal, perSecond, pipeline }) => {
    const whose = pipeline === undefined ? '' : ` of ${pipelineKey(pipeline)}`;
    const much = perSecond === undefined ? '' : `, ${rate(perSecond)} per second`;
    return `${signal}${whose}: ${label.get(from)} to ${label.get(to)}${much}.`;
  });
  return sentences.join(' ');
}

function drawBand({ lane, x, y, height }: LaneBand, width: number): string {
  const name = `<text class="muted" x="${x + 8}" y="${y + 17}">${escapeText(pipelineKey(lane.pipeline))}</text>`;
  return `<rect class="band" x="${x}" y="${y + 2}" width="${width - x - 6}" height="${height - 4}" rx="6"/>${name}`;
}

function drawBox({ node, text, x, y, width, height }: Box, options: DrawOptions): string {
  const words = liveWords(node, options).join('  ');
  const state = node.live?.backend?.state;
  const share = queueShare(node.live?.queue);
  const fill =
    share === undefined
      ? ''
      : `<rect class="fill" x="${x}" y="${y}" width="${width * share}" height="${height}" rx="5"/>`;
  const baseline = words === '' ? y + height / 2 + 4 : y + height / 2 - 3;
  const second =
    words === ''
      ? ''
      : `<text class="${state === 'ok' || state === 'failing' ? state : 'muted'}" x="${x + 10}" y="${y + height - 7}">${escapeText(words)}</text>`;
  const where = node.source === undefined ? '' : ` (${node.source.file}:${node.source.line} ${node.source.field})`;
  return (
    `<g><title>${escapeText(`${node.label}${where}`)}</title><rect class="box" x="${x}" y="${y}" width="${width}" height="${height}" rx="5"/>` +
    `${fill}<text x="${x + 10}" y="${baseline}">${escapeText(text)}</text>${second}</g>`
  );
}

/** Signals between the same two nodes run beside each other. */
const TWIN_GAP = 18;

interface DrawnEdge {
  readonly path: string;
  readonly text: string;
}

function drawEdge(edge: FlowEdge, graph: FlowGraph, { boxes }: Layout, options: DrawOptions): DrawnEdge {
  const a = boxes.get(edge.from)!;
  const b = boxes.get(edge.to)!;
  const twins = graph.edges.filter(({ from, to, pipeline }) => from === edge.from && to === edge.to && !pipeline);
  const shift = twins.includes(edge) ? (twins.indexOf(edge) - (twins.length - 1) / 2) * TWIN_GAP : 0;
  const [x1, y1] = [a.x + a.width, a.y + a.height / 2 + shift];
  const [x2, y2] = [b.x, b.y + b.height / 2 + shift];
  // The line changes its lane right behind the box it leaves, so that it crosses no other box and no label.
  const turned = x1 + COLUMN_GAP - LABEL_ROOM;
  const bend = (x1 + turned) / 2;
  const { signal } = edge;
  // The label stands at the far end, where lines that began together have parted.
  return {
    path: `<path class="edge ${signal}" d="M${x1} ${y1}C${bend} ${y1} ${bend} ${y2} ${turned} ${y2}H${x2}"/>`,
    text: `<text class="label on-${signal}" text-anchor="end" x="${x2 - 4}" y="${y2 - 3}">${escapeText(edgeWords(edge, options))}</text>`,
  };
}

const ENTITY: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** XML has no way to write control characters, nor halves of a surrogate pair. */
function escapeText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what XML forbids
  const writable = text.toWellFormed().replace(/[\u0000-\u001f\u007f\ufffe\uffff]/g, ' ');
  return writable.replace(/[&<>"]/g, (char) => ENTITY[char]!);
}
