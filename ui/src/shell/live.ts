/**
 * The live picture of the engine: one event stream, one document a second.
 * Pause freezes what is on screen and goes on receiving, so that resuming shows the present at once.
 */
import { effect, signal } from '@preact/signals';
import type { OverviewDocument } from '../../../src/server/api.ts';

const RECONNECT_MS = 2000;
/** The server sends every second; this long without anything means the connection is dead although nobody said so. */
const SILENCE_MS = 6000;

export const paused = signal(false);
/** What is on screen; undefined until the first document. */
export const overview = signal<OverviewDocument | undefined>(undefined);
/** Since when the engine has not been reachable, ms since the epoch. */
export const lostSince = signal<number | undefined>(undefined);

const latest = signal<OverviewDocument | undefined>(undefined);

effect(() => {
  if (!paused.value) overview.value = latest.value;
});

export function connectLive(): void {
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  const connect = () => {
    const source = new EventSource('/api/v1/stream?topics=stats');
    const lose = () => {
      source.close();
      clearTimeout(watchdog);
      lostSince.value ??= Date.now();
      setTimeout(connect, RECONNECT_MS);
    };
    const watch = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(lose, SILENCE_MS);
    };
    source.addEventListener('stats', (event: MessageEvent<string>) => {
      latest.value = JSON.parse(event.data) as OverviewDocument;
      lostSince.value = undefined;
      watch();
    });
    source.addEventListener('error', lose);
    watch();
  };
  connect();
}
