/**
 * The live picture of the engine: one event stream a tab, for the topics of the page that is open.
 * Pause freezes what is on screen and goes on receiving, so that resuming shows the present at once.
 */
import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { ConfigurationDocument, GraphDocument, GraphFigures, OverviewDocument } from '../../../src/server/api.ts';
import { route } from './route.ts';

const RECONNECT_MS = 2000;
/** The server sends every second; this long without anything means the connection is dead although nobody said so. */
const SILENCE_MS = 6000;

export const paused = signal(false);
/** Since when the engine has not been reachable, ms since the epoch. */
export const lostSince = signal<number | undefined>(undefined);

const latestOverview = signal<OverviewDocument | undefined>(undefined);
const latestGraph = signal<GraphDocument | undefined>(undefined);
const latestConfiguration = signal<ConfigurationDocument | undefined>(undefined);

/** What is on screen; undefined until the first document. */
export const overview = unlessPaused(latestOverview);
export const graph = unlessPaused(latestGraph);
export const configuration = unlessPaused(latestConfiguration);

/** Browsers open few connections to one server, over all tabs: so one stream, and only with what the page shows. */
const topics = computed(() => {
  const [, page] = route.value.path.split('/');
  if (page === 'graph') return 'stats,graph';
  return page === 'pipelines' ? 'stats,configuration' : 'stats';
});

export function connectLive(): void {
  let stop = () => {};
  effect(() => {
    const wanted = topics.value;
    stop();
    stop = follow(wanted);
  });
}

/** Keeps a stream open until the returned function is called. */
function follow(wanted: string): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let source: EventSource;
  const lose = () => {
    source.close();
    clearTimeout(timer);
    lostSince.value ??= Date.now();
    timer = setTimeout(connect, RECONNECT_MS);
  };
  const connect = () => {
    source = new EventSource(`/api/v1/stream?topics=${wanted}`);
    const on = <T>(event: string, take: (document: T) => void) =>
      source.addEventListener(event, (message: MessageEvent<string>) => {
        take(JSON.parse(message.data) as T);
        lostSince.value = undefined;
        clearTimeout(timer);
        timer = setTimeout(lose, SILENCE_MS);
      });
    on<OverviewDocument>('stats', (document) => set(latestOverview, document));
    on<GraphDocument>('graph', (document) => set(latestGraph, document));
    on<GraphFigures>('figures', (figures) => set(latestGraph, withFigures(latestGraph.peek(), figures)));
    on<ConfigurationDocument>('configuration', (document) => set(latestConfiguration, document));
    source.addEventListener('error', lose);
    timer = setTimeout(lose, SILENCE_MS);
  };
  connect();
  return () => {
    source.close();
    clearTimeout(timer);
  };
}

function set<T>(target: Signal<T>, value: T): void {
  target.value = value;
}

function unlessPaused<T>(latest: Signal<T>): ReadonlySignal<T> {
  const shown = signal(latest.peek());
  effect(() => {
    if (!paused.value) shown.value = latest.value;
  });
  return shown;
}

/** The figures of this second in the picture that they belong to. */
function withFigures(document: GraphDocument | undefined, figures: GraphFigures): GraphDocument | undefined {
  if (document === undefined) return undefined;
  return {
    ...document,
    generatedAt: figures.generatedAt,
    nodes: document.nodes.map(({ live: _, ...node }) => {
      const live = figures.nodes[node.id];
      return live === undefined ? node : { ...node, live };
    }),
    edges: document.edges.map((edge, index) => ({ ...edge, perSecond: figures.edges[index] ?? 0 })),
  };
}
