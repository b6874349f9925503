import type { FlowEdge, FlowNode } from '../../../src/flow/flow-graph.ts';
import type { GraphDocument } from '../../../src/server/api.ts';
import { Link } from '../components/link.tsx';
import { Mark } from '../components/mark.tsx';
import { SignalBadge } from '../components/signal-badge.tsx';
import { shortNumber } from '../shell/format.ts';
import { hrefWith, navigate, route } from '../shell/route.ts';
import { backendWord, dropsOf, pipelineText, queuePercent, rate } from './words.ts';

interface Row {
  readonly edge: FlowEdge;
  readonly from: FlowNode;
  readonly to: FlowNode;
}

const COLUMNS = [
  { id: 'pipeline', title: 'Pipeline', value: ({ edge }: Row) => pipelineText(edge) },
  { id: 'signal', title: 'Signal', value: ({ edge }: Row) => edge.signal },
  { id: 'from', title: 'From', value: ({ from }: Row) => from.label },
  { id: 'to', title: 'To', value: ({ to }: Row) => to.label },
  { id: 'rate', title: 'Items/s', value: ({ edge }: Row) => edge.perSecond ?? -1 },
  { id: 'queue', title: 'Queue', value: ({ to }: Row) => queuePercent(to) ?? -1 },
  { id: 'lost', title: 'Lost', value: ({ to }: Row) => lost(to) },
  { id: 'state', title: 'State', value: ({ to }: Row) => backendWord(to)?.word ?? '' },
] as const;

const NUMERIC: readonly string[] = ['rate', 'queue', 'lost'];

/** The picture as rows, one an edge; queue, loss and state are those of the node it leads to. */
export function EdgeTable({ graph }: { readonly graph: GraphDocument }) {
  const { query } = route.value;
  const column = COLUMNS.find(({ id }) => id === query.get('sort'));
  const descending = query.get('dir') === 'desc';
  const sort = (id: string) => {
    const down = column?.id === id ? !descending : NUMERIC.includes(id);
    navigate(hrefWith({ sort: id, dir: down ? 'desc' : '' }), { replace: true });
  };
  return (
    <div class="edges-scroll">
      <table class="edges" aria-label="Edges">
        <thead>
          <tr>
            {COLUMNS.map(({ id, title }) => (
              <th
                key={id}
                scope="col"
                class={NUMERIC.includes(id) ? 'numeric' : ''}
                aria-sort={column?.id !== id ? 'none' : descending ? 'descending' : 'ascending'}
              >
                <button type="button" onClick={() => sort(id)}>
                  {title} <span aria-hidden="true">{column?.id !== id ? '' : descending ? '▼' : '▲'}</span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody data-list>
          {sorted(rowsOf(graph), column, descending).map((row) => (
            <EdgeRow key={`${row.edge.from} ${row.edge.to} ${row.edge.signal} ${pipelineText(row.edge)}`} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function rowsOf({ nodes, edges }: GraphDocument): readonly Row[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return edges.flatMap((edge) => {
    const from = byId.get(edge.from);
    const to = byId.get(edge.to);
    return from === undefined || to === undefined ? [] : [{ edge, from, to }];
  });
}

function sorted(
  rows: readonly Row[],
  column: (typeof COLUMNS)[number] | undefined,
  descending: boolean,
): readonly Row[] {
  if (column === undefined) return rows;
  const sign = descending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [left, right] = [column.value(a), column.value(b)];
    return left === right ? 0 : left < right ? -sign : sign;
  });
}

function EdgeRow({ row: { edge, from, to } }: { readonly row: Row }) {
  const percent = queuePercent(to);
  const state = backendWord(to);
  return (
    <tr>
      <td>{pipelineText(edge) || <span class="muted">shared</span>}</td>
      <td>
        <SignalBadge signal={edge.signal} />
      </td>
      <td>{from.label}</td>
      <th scope="row">
        <Link href={hrefWith({ node: to.id })} replace data-item>
          {to.label}
        </Link>
      </th>
      <td class="numeric">{rate(edge.perSecond)}</td>
      <td class="numeric">{percent === undefined ? '–' : `${percent} %`}</td>
      <td class={lost(to) > 0 ? 'numeric alarming' : 'numeric'}>{lost(to) > 0 ? `✗ ${shortNumber(lost(to))}` : '0'}</td>
      <td>
        {state === undefined ? (
          '–'
        ) : (
          <>
            <Mark state={state.mark} /> {state.word}
          </>
        )}
      </td>
    </tr>
  );
}

function lost(node: FlowNode): number {
  return dropsOf(node).reduce((total, { items }) => total + items, 0);
}
