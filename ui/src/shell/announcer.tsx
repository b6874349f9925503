import { useEffect, useRef, useState } from 'preact/hooks';
import { overview, paused } from './live.ts';

const QUIET_MS = 10_000;

/** Tells screen readers when the state of the whole changes, at most every 10 s. Live numbers are never read out. */
export function Announcer() {
  const state = overview.value?.health;
  const [said, setSaid] = useState('');
  const lastAt = useRef(0);
  const key =
    state === undefined
      ? ''
      : `${state.state} ${overview.value?.problems.map((problem) => problem.pipeline?.name).join()}`;
  useEffect(() => {
    if (state === undefined || paused.value) return;
    const wait = Math.max(0, lastAt.current + QUIET_MS - Date.now());
    const timer = setTimeout(() => {
      lastAt.current = Date.now();
      setSaid(state.sentence);
    }, wait);
    return () => clearTimeout(timer);
  }, [key]);
  return (
    <div role="status" class="visually-hidden">
      {said}
    </div>
  );
}
