import { signal } from '@preact/signals';
import { paused } from './live.ts';
import { navigate } from './route.ts';
import { nextTheme } from './theme.ts';

const KEY = 'sluice.singleKeys';

/** Single-letter keys get in the way of speech input and can be switched off (WCAG 2.1.4). */
export const singleKeys = signal(localStorage.getItem(KEY) !== 'off');
export const helpOpen = signal(false);

export const SHORTCUTS: readonly { readonly keys: readonly string[]; readonly does: string }[] = [
  { keys: ['g', 'o'], does: 'Overview' },
  { keys: ['g', 'g'], does: 'Graph' },
  { keys: ['g', 'p'], does: 'Pipelines' },
  { keys: ['g', 'e'], does: 'Explore' },
  { keys: ['/'], does: 'Filter or search' },
  { keys: ['j'], does: 'Next in the list' },
  { keys: ['k'], does: 'Previous in the list' },
  { keys: ['Enter'], does: 'Open' },
  { keys: ['Esc'], does: 'Back' },
  { keys: ['← ↑ ↓ →'], does: 'Graph: along the edges, and up and down' },
  { keys: ['i'], does: 'Graph: one pipeline alone, and all again' },
  { keys: ['.'], does: 'Graph: picture or table' },
  { keys: ['F8'], does: 'Pipelines: next finding' },
  { keys: ['p'], does: 'Pause and resume' },
  { keys: ['t'], does: 'Theme: system, light, dark' },
  { keys: ['?'], does: 'These keys' },
];

const GOALS: Readonly<Record<string, string>> = { o: '/', g: '/graph', p: '/pipelines', e: '/explore/traces' };
const CHORD_MS = 1000;

export function setSingleKeys(on: boolean): void {
  singleKeys.value = on;
  localStorage.setItem(KEY, on ? 'on' : 'off');
}

export function installKeyboard(): void {
  let goingUntil = 0;
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || helpOpen.value) return;
    if (event.key === 'Escape') return goBack();
    if (event.key === 'F8' && press('F8')) return event.preventDefault();
    if (isTyping(event.target) || !singleKeys.value) return;
    const goal = event.timeStamp < goingUntil ? GOALS[event.key] : undefined;
    goingUntil = event.key === 'g' && goal === undefined ? event.timeStamp + CHORD_MS : 0;
    if (goal !== undefined) navigate(goal);
    else if (!runSingleKey(event.key)) return;
    event.preventDefault();
  });
}

function runSingleKey(key: string): boolean {
  switch (key) {
    case '/':
      document.querySelector<HTMLElement>('[data-filter]')?.focus();
      return true;
    case 'j':
      return moveFocus(1);
    case 'k':
      return moveFocus(-1);
    case 'p':
      paused.value = !paused.value;
      return true;
    case 't':
      nextTheme();
      return true;
    case '?':
      helpOpen.value = true;
      return true;
    default:
      return press(key);
  }
}

/** Keys of one page alone belong to a button or link of that page. */
function press(key: string): boolean {
  const target = document.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
  target?.click();
  return target !== null;
}

/** Moves within the list that has the focus, or into the first list of the page. */
function moveFocus(step: 1 | -1): boolean {
  const list = document.activeElement?.closest('[data-list]') ?? document.querySelector('[data-list]');
  const items = [...(list?.querySelectorAll<HTMLElement>('[data-item]') ?? [])];
  if (items.length === 0) return false;
  const current = items.indexOf(document.activeElement as HTMLElement);
  const selected = items.findIndex((item) => item.getAttribute('aria-current') === 'true');
  const from = current >= 0 ? current : selected >= 0 ? selected : step > 0 ? -1 : items.length;
  const target = items[Math.min(items.length - 1, Math.max(0, from + step))];
  target.focus();
  target.scrollIntoView({ block: 'nearest' });
  return true;
}

/** Leaves a field first, then whatever the page says stands above the present place. */
function goBack(): void {
  if (isTyping(document.activeElement)) {
    (document.activeElement as HTMLElement).blur();
    return;
  }
  const up = document.querySelector<HTMLAnchorElement>('a[data-up]');
  if (up !== null) navigate(up.pathname + up.search);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input:not([type=checkbox]), textarea, select');
}
