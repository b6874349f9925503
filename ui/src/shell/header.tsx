import { Link } from '../components/link.tsx';
import { Mark } from '../components/mark.tsx';
import { helpOpen } from './keyboard.ts';
import { overview, paused } from './live.ts';
import { route } from './route.ts';
import { nextTheme, themeChoice } from './theme.ts';

const HEALTH_WORD = {
  ok: 'All well',
  warning: 'Warning',
  failing: 'Failing',
  waiting: 'Waiting for first data',
} as const;
const THEME_WORD = { system: 'System', light: 'Light', dark: 'Dark' } as const;

export function Header() {
  const document = overview.value;
  return (
    <header class="bar">
      <Link href="/" class="brand" aria-label="sluice, overview">
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <path d="M7 5v22M25 5v22" />
          <rect x="10" y="5" width="12" height="9" rx="1.5" />
          <path d="M10 21q3-3 6 0t6 0M10 26.5q3-3 6 0t6 0" />
        </svg>
        sluice
      </Link>
      {document !== undefined && (
        <span class="chip" title={`sluice ${document.version} on this machine`}>
          {document.source}
        </span>
      )}
      {document !== undefined && (
        <span class={`health-chip health-${document.health.state}`}>
          <Mark state={document.health.state} /> {HEALTH_WORD[document.health.state]}
        </span>
      )}
      <div class="bar-actions">
        <button
          type="button"
          class="button"
          aria-pressed={paused.value}
          onClick={() => {
            paused.value = !paused.value;
          }}
        >
          {paused.value ? '▶ Resume' : '❚❚ Pause'}
        </button>
        <button type="button" class="button" onClick={nextTheme} aria-label={`Theme: ${THEME_WORD[themeChoice.value]}`}>
          <span aria-hidden="true">◐</span> <span class="wide-only">{THEME_WORD[themeChoice.value]}</span>
        </button>
        <a class="button" href={apiPath(route.value.path)} aria-label="This page as JSON" title="This page as JSON">
          {'{ }'}
        </a>
        <button
          type="button"
          class="button"
          aria-label="Keyboard help"
          title="Keyboard help"
          onClick={() => {
            helpOpen.value = true;
          }}
        >
          ?
        </button>
      </div>
    </header>
  );
}

/** Where the data of a screen comes from. */
function apiPath(path: string): string {
  if (path.startsWith('/explore/')) return `/api/v1${path}${location.search}`;
  return path.startsWith('/graph') || path.startsWith('/pipelines') ? `/api/v1${path}` : '/api/v1/overview';
}
