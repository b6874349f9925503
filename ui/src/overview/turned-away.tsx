import type { TurnedAwayDocument } from '../../../src/server/api.ts';
import { Prose } from '../components/prose.tsx';
import { thousands, timeOfDay } from '../shell/format.ts';

const SHOWN = 10;

/** Requests and connections of the last minutes that were not taken, each reason with the sentence that was sent back. */
export function TurnedAway({ reasons }: { readonly reasons: readonly TurnedAwayDocument[] }) {
  const total = reasons.reduce((sum, { count }) => sum + count, 0);
  return (
    <section aria-labelledby="turned-away-title" class="panel turned-away">
      <h2 id="turned-away-title">
        Not taken <span class="muted">{thousands(total)} in the last 5 minutes</span>
      </h2>
      <ul>
        {reasons.slice(0, SHOWN).map(({ message, count, code, last }) => (
          <li key={message}>
            <Prose text={message} /> {code !== undefined && <code class="code">{code}</code>}{' '}
            <span class="muted">
              {count > 1 && `${thousands(count)} times, last `}
              {timeOfDay(last.at, false)} from {last.peer}
              {last.protocol !== 'unknown' && ` over ${last.protocol === 'grpc' ? 'gRPC' : 'HTTP'}`}
            </span>
          </li>
        ))}
      </ul>
      {reasons.length > SHOWN && <p class="muted">and {thousands(reasons.length - SHOWN)} other reasons</p>}
    </section>
  );
}
