import type { PipelineStatus } from '../../../src/server/api.ts';
import { FilterBox } from '../components/filter-box.tsx';
import { Link } from '../components/link.tsx';
import { Mark } from '../components/mark.tsx';
import { Notice } from '../components/notice.tsx';
import { Reason, reasonWords } from '../components/reason.tsx';
import { SignalBadge } from '../components/signal-badge.tsx';
import { shortNumber } from '../shell/format.ts';
import { configuration } from '../shell/live.ts';
import { hrefWith, route } from '../shell/route.ts';
import { issuesOf, RUNS_MARK, RUNS_WORD, sourceOf } from './configuration.ts';

/** One row a pipeline: how it is, which version of it runs, and where it is written. */
export function PipelineList({ pipelines }: { readonly pipelines: readonly PipelineStatus[] }) {
  const wanted = (route.value.query.get('q') ?? '').toLowerCase();
  const shown = pipelines.filter(({ kind, name, reason, backend }) =>
    `${kind}/${name} ${reason} ${reasonWords(reason)} ${backend.destination}`.toLowerCase().includes(wanted),
  );
  return (
    <>
      <div class="list-head">
        <FilterBox label="Filter pipelines" placeholder="name, state or backend" />
        <p class="muted list-count">
          {shown.length} of {pipelines.length}
        </p>
      </div>
      {shown.length === 0 ? (
        <Notice title={pipelines.length === 0 ? 'No pipelines' : 'No pipelines match'}>
          {wanted !== '' && (
            <p>
              <Link href={hrefWith({ q: '' })}>Clear the filter</Link>
            </p>
          )}
        </Notice>
      ) : (
        <ul class="items pipeline-list" data-list aria-label="Pipelines">
          {shown.map((pipeline) => (
            <Row key={`${pipeline.kind}/${pipeline.name}`} pipeline={pipeline} />
          ))}
        </ul>
      )}
    </>
  );
}

function Row({ pipeline }: { readonly pipeline: PipelineStatus }) {
  const { kind, name, signal, inPerSecond, outPerSecond } = pipeline;
  const document = configuration.value;
  const source = sourceOf(document, kind, name);
  const found = document === undefined || source === undefined ? 0 : issuesOf(document, source).length;
  const where = source?.source;
  return (
    <li>
      <Link class="item" data-item href={`/pipelines/${kind}/${name}${found > 0 ? '?tab=yaml' : ''}`}>
        <span class="pipeline-list-name">
          <SignalBadge signal={signal} /> <span class="item-title">{name}</span> <span class="muted">{kind}</span>
        </span>
        <span class="item-number">
          {shortNumber(inPerSecond)}/s in, {shortNumber(outPerSecond)}/s out
        </span>
        <span class="item-sub">
          <Reason status={pipeline} />
          {source !== undefined && source.runs !== 'current' && (
            <>
              {' · '}
              <Mark state={RUNS_MARK[source.runs]} /> {RUNS_WORD[source.runs]}
            </>
          )}
          {found > 0 && ` · ${found} ${found === 1 ? 'finding' : 'findings'}`}
        </span>
        <span class="item-time">{where === undefined ? (source?.origin ?? '') : `${where.file}:${where.line}`}</span>
      </Link>
    </li>
  );
}
