import { FilterBox } from '../components/filter-box.tsx';
import { Link } from '../components/link.tsx';
import { Loading, Notice } from '../components/notice.tsx';
import { timeOfDay } from '../shell/format.ts';
import { graph, paused } from '../shell/live.ts';
import { hrefWith, navigate, route } from '../shell/route.ts';
import { EdgeTable } from './edge-table.tsx';
import { Legend } from './legend.tsx';
import { NodePanel } from './node-panel.tsx';
import { Picture } from './picture.tsx';
import { selectGraph } from './selection.ts';

/** Where data goes, how fast, where it piles up or vanishes: as a picture, or as a table with the same numbers. */
export function GraphPage() {
  const document = graph.value;
  const { query } = route.value;
  const pipeline = query.get('pipeline') ?? '';
  const asTable = query.get('view') === 'table';
  if (document === undefined) return <Loading />;
  const shown = selectGraph(document, { pipeline, text: query.get('q') ?? '' });
  const selected = shown.nodes.find(({ id }) => id === query.get('node'));
  return (
    <div class="graph-page">
      <div class="graph-head">
        <h1>Graph</h1>
        <FilterBox label="Search pipelines and backends" placeholder="pipeline or backend" />
        <Link class="button" data-key="." href={hrefWith({ view: asTable ? '' : 'table' })}>
          {asTable ? 'Picture' : 'Table'}
        </Link>
        <button
          type="button"
          class="button"
          data-key="i"
          aria-pressed={pipeline !== ''}
          onClick={() => isolate(pipeline, shown.nodes)}
        >
          {pipeline === '' ? 'Isolate' : `Only ${pipeline.split('/')[1]} ✕`}
        </button>
        <p class="muted as-of">
          {document.topology} · {paused.value ? 'paused at ' : ''}
          <time dateTime={document.generatedAt}>{timeOfDay(document.generatedAt, false)}</time>
        </p>
      </div>
      <Legend />
      <div class={selected === undefined ? 'graph-panes' : 'graph-panes graph-panes-open'}>
        {shown.nodes.length === 0 ? (
          <Empty isFiltered={document.nodes.length > 0} />
        ) : asTable ? (
          <EdgeTable graph={shown} />
        ) : (
          <Picture graph={shown} selected={selected?.id} />
        )}
        {selected !== undefined && <NodePanel node={selected} graph={shown} />}
      </div>
    </div>
  );
}

function Empty({ isFiltered }: { readonly isFiltered: boolean }) {
  if (!isFiltered) return <Notice title="No pipeline runs" />;
  return (
    <Notice title="Nothing matches">
      <p>
        <Link href={hrefWith({ q: '', pipeline: '' })}>Show everything</Link>
      </p>
    </Notice>
  );
}

/** The pipeline of the node that has the focus, or is open beside the picture; once more shows all again. */
function isolate(
  current: string,
  nodes: readonly { readonly id: string; readonly pipeline?: { readonly kind: string; readonly name: string } }[],
): void {
  if (current !== '') return navigate(hrefWith({ pipeline: '' }));
  const focused = (document.activeElement as HTMLElement | null)?.dataset['node'];
  const id = focused ?? route.value.query.get('node');
  const node = nodes.find((candidate) => candidate.id === id) ?? nodes.find(({ pipeline }) => pipeline !== undefined);
  if (node?.pipeline !== undefined) navigate(hrefWith({ pipeline: `${node.pipeline.kind}/${node.pipeline.name}` }));
}
