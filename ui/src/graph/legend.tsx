import { SignalBadge } from '../components/signal-badge.tsx';
import { SIGNALS } from '../overview/signals.ts';

/** A signal is told by its letter and by the pattern of its line, not by colour alone. */
export function Legend() {
  return (
    <ul class="legend" aria-label="Legend">
      {SIGNALS.map((signal) => (
        <li key={signal} class={`signal-${signal}`}>
          <SignalBadge signal={signal} />
          <svg width="44" height="8" aria-hidden="true">
            <path class="edge-line" d="M0 4H44" stroke-width="2" />
          </svg>
          {signal}
        </li>
      ))}
      <li class="muted">line width grows with the rate; rates over the last 10 s</li>
    </ul>
  );
}
