import type { Signal } from '../../../src/pdata/index.ts';
import { Link } from '../components/link.tsx';
import { route } from '../shell/route.ts';
import { LogsTab } from './logs-tab.tsx';
import { MetricsTab } from './metrics-tab.tsx';
import { TracesTab } from './traces-tab.tsx';

const TABS = [
  { signal: 'traces', title: 'Traces' },
  { signal: 'metrics', title: 'Metrics' },
  { signal: 'logs', title: 'Logs' },
] as const satisfies readonly { readonly signal: Signal; readonly title: string }[];

/** What the engine has seen last, one tab a signal. */
export function ExplorePage() {
  const { path } = route.value;
  const [, , part = 'traces', id] = path.split('/');
  const current = TABS.find(({ signal }) => signal === part)?.signal ?? 'traces';
  return (
    <div class={`explore ${id === undefined ? '' : 'explore-deep'}`}>
      <div class="explore-head">
        <h1>Explore</h1>
        <nav class="tabs" aria-label="Signals">
          {TABS.map(({ signal, title }) => (
            <Link key={signal} href={`/explore/${signal}`} aria-current={signal === current ? 'page' : undefined}>
              {title}
            </Link>
          ))}
        </nav>
      </div>
      {current === 'traces' && <TracesTab traceId={id} />}
      {current === 'metrics' && <MetricsTab />}
      {current === 'logs' && <LogsTab />}
    </div>
  );
}
