import type { ComponentChildren } from 'preact';
import type { ViewerRetention } from '../../../src/server/api.ts';
import { ErrorNotice, Loading } from '../components/notice.tsx';
import { thousands, timeOfDay } from '../shell/format.ts';
import type { Polled } from '../shell/use-polled.ts';
import { EmptyList } from './empty-list.tsx';

interface ListDocument {
  readonly retention: ViewerRetention;
  readonly total: number;
  readonly items: readonly unknown[];
}

interface ListNoun {
  readonly one: string;
  readonly many: string;
  /** After "No", where the items shown go by another name. */
  readonly none?: string;
  /** What the viewer counts, when it keeps a number of them. */
  readonly kept: string;
}

interface ListBodyProps<D extends ListDocument> {
  readonly polled: Polled<D>;
  readonly noun: ListNoun;
  /** Absent: all that can be shown is asked for already. */
  readonly onMore?: (() => void) | undefined;
  readonly children: (data: D) => ComponentChildren;
}

/** What stands below the head of a list: its items, or why there are none, and how much of everything they are. */
export function ListBody<D extends ListDocument>({ polled, noun, onMore, children }: ListBodyProps<D>) {
  const { data, error } = polled;
  return (
    <>
      {error !== undefined && <ErrorNotice error={error} />}
      {data === undefined && error === undefined && <Loading />}
      {data?.items.length === 0 && <EmptyList noun={noun.none ?? noun.many} />}
      {data !== undefined && data.items.length > 0 && (
        <>
          {children(data)}
          {data.total > data.items.length && onMore !== undefined && (
            <button type="button" class="button more" onClick={onMore}>
              Show more
            </button>
          )}
          <RetentionLine data={data} noun={noun} />
        </>
      )}
    </>
  );
}

/** How much is on screen, and how much is kept at all. */
function RetentionLine({ data, noun }: { readonly data: ListDocument; readonly noun: ListNoun }) {
  const { retention, total, items } = data;
  const shown = items.length;
  const oldest = retention.oldest === null ? '' : ` · oldest ${timeOfDay(retention.oldest, false)}`;
  return (
    <p class="retention muted">
      {shown < total ? `${thousands(shown)} of ${thousands(total)}` : thousands(total)}{' '}
      {total === 1 ? noun.one : noun.many} · kept {thousands(retention.kept)} of {thousands(retention.capacity)}{' '}
      {noun.kept}
      {oldest}
    </p>
  );
}
