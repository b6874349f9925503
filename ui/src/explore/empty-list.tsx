import { Link } from '../components/link.tsx';
import { Notice } from '../components/notice.tsx';
import { hrefWith } from '../shell/route.ts';
import { isFiltered } from './list-head.tsx';

/** An empty list says whether nothing came or nothing matched, and offers the way out. */
export function EmptyList({ noun }: { readonly noun: string }) {
  if (isFiltered()) {
    return (
      <Notice title={`No ${noun} match`}>
        <p>
          <Link class="button" href={hrefWith({ q: '', service: '', traceId: '' })}>
            Clear the filter
          </Link>
        </p>
      </Notice>
    );
  }
  return (
    <Notice title={`No ${noun} yet`}>
      <p>They appear here as soon as they arrive.</p>
      <p>
        <Link href="/">How to send some</Link>
      </p>
    </Notice>
  );
}
