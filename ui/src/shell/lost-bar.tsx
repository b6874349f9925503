import { timeOfDay } from './format.ts';
import { lostSince, overview } from './live.ts';

/** Says that what is on screen is old. The content stays, greyed. */
export function LostBar() {
  const since = lostSince.value;
  if (since === undefined) return null;
  const time = timeOfDay(new Date(since).toISOString(), false);
  return (
    <div class="lost-bar" role="alert">
      <span class="mark mark-failing" aria-hidden="true">
        ✗
      </span>{' '}
      Engine not reachable since {time}, retrying every 2 s.
      {overview.value !== undefined && ' What you see below is from then.'}
    </div>
  );
}
