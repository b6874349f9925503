import type { Signal } from '../../../src/pdata/index.ts';
import type { SignalTotals } from '../../../src/server/api.ts';
import { Link } from '../components/link.tsx';
import { SignalBadge } from '../components/signal-badge.tsx';
import { Sparkline } from '../components/sparkline.tsx';
import { age, shortNumber } from '../shell/format.ts';

const TITLES = { traces: 'Traces', metrics: 'Metrics', logs: 'Logs' } as const satisfies Record<Signal, string>;

/** One signal over all pipelines. */
export function SignalCard({ signal, totals }: { readonly signal: Signal; readonly totals: SignalTotals }) {
  const { inPerSecond, outPerSecond, filteredPerSecond, lostPerSecond } = totals;
  const copies = inPerSecond > totals.offeredPerSecond * 1.01;
  return (
    <section class="panel card" aria-labelledby={`card-${signal}`}>
      <h2 id={`card-${signal}`}>
        <SignalBadge signal={signal} /> <Link href={`/explore/${signal}`}>{TITLES[signal]}</Link>
      </h2>
      <p class="card-rate">
        <strong>{shortNumber(inPerSecond)}</strong> <span class="muted">/s in</span>
      </p>
      <Sparkline
        values={totals.trend}
        tone={signal}
        height={48}
        label={`${TITLES[signal]} in per second over the last ${Math.max(1, Math.round(totals.trend.length / 60))} min, now ${shortNumber(inPerSecond)}`}
      />
      <dl class="figures">
        <Figure name="out" value={`${shortNumber(outPerSecond)}/s`} />
        <Figure name="filtered" value={`${shortNumber(filteredPerSecond)}/s`} />
        <Figure name="lost" value={`${shortNumber(lostPerSecond)}/s`} alarming={lostPerSecond > 0} />
        <Figure name="newest" value={age(totals.newestAgeSeconds)} />
      </dl>
      {copies && (
        <p class="muted card-note">
          Each pipeline’s copy counts; {shortNumber(totals.offeredPerSecond)}/s were received once.
        </p>
      )}
    </section>
  );
}

function Figure({
  name,
  value,
  alarming = false,
}: {
  readonly name: string;
  readonly value: string;
  readonly alarming?: boolean;
}) {
  return (
    <div class={alarming ? 'figure figure-alarming' : 'figure'}>
      <dt>{name}</dt>
      <dd>
        {alarming && (
          <span class="mark mark-failing" aria-hidden="true">
            ✗{' '}
          </span>
        )}
        {value}
      </dd>
    </div>
  );
}
