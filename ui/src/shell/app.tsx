import { useEffect } from 'preact/hooks';
import { Link } from '../components/link.tsx';
import { Notice } from '../components/notice.tsx';
import { ExplorePage } from '../explore/explore-page.tsx';
import { GraphPage } from '../graph/graph-page.tsx';
import { OverviewPage } from '../overview/overview-page.tsx';
import { PipelinesPage } from '../pipelines/pipelines-page.tsx';
import { Announcer } from './announcer.tsx';
import { Header } from './header.tsx';
import { HelpDialog } from './help-dialog.tsx';
import { lostSince, overview } from './live.ts';
import { LostBar } from './lost-bar.tsx';
import { route } from './route.ts';

const SCREENS = [
  { path: '/', title: 'Overview', key: 'g o' },
  { path: '/graph', title: 'Graph', key: 'g g' },
  { path: '/pipelines', title: 'Pipelines', key: 'g p' },
  { path: '/explore', title: 'Explore', key: 'g e' },
] as const;

function screenOf(path: string): string {
  if (path === '/') return 'Overview';
  return SCREENS.find((screen) => path.split('/')[1] === screen.path.slice(1))?.title ?? 'Not found';
}

export function App() {
  const { path } = route.value;
  const screen = screenOf(path);
  const pipeline = screen === 'Pipelines' ? path.split('/')[3] : undefined;
  const problems = overview.value?.problems.length ?? 0;
  useEffect(() => {
    document.title = `${problems > 0 ? '✗ ' : ''}${pipeline === undefined ? '' : `${pipeline} · `}${screen} · sluice`;
  }, [screen, pipeline, problems]);
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <Header />
      <LostBar />
      <div class="frame">
        <nav class="rail" aria-label="Screens">
          {SCREENS.map(({ path: target, title, key }) => (
            <Link
              key={target}
              href={target === '/explore' ? '/explore/traces' : target}
              aria-current={screen === title ? 'page' : undefined}
            >
              {title}{' '}
              <span class="key" aria-hidden="true">
                {key}
              </span>
            </Link>
          ))}
        </nav>
        <main id="main" tabIndex={-1} class={lostSince.value === undefined ? '' : 'stale'}>
          {screen === 'Overview' && <OverviewPage />}
          {screen === 'Graph' && <GraphPage />}
          {screen === 'Pipelines' && <PipelinesPage />}
          {screen === 'Explore' && <ExplorePage />}
          {screen === 'Not found' && (
            <Notice title="There is no such page">
              <p>
                <Link href="/">Go to the overview</Link>
              </p>
            </Notice>
          )}
        </main>
      </div>
      <Announcer />
      <HelpDialog />
    </>
  );
}
