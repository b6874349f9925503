import { useEffect } from 'preact/hooks';
import { Link } from '../components/link.tsx';
import { Notice } from '../components/notice.tsx';
import { ExplorePage } from '../explore/explore-page.tsx';
import { OverviewPage } from '../overview/overview-page.tsx';
import { Announcer } from './announcer.tsx';
import { Header } from './header.tsx';
import { HelpDialog } from './help-dialog.tsx';
import { lostSince, overview } from './live.ts';
import { LostBar } from './lost-bar.tsx';
import { route } from './route.ts';

const SCREENS = [
  { path: '/', title: 'Overview', key: 'g o' },
  { path: '/explore', title: 'Explore', key: 'g e' },
] as const;

export function App() {
  const { path } = route.value;
  const screen = path === '/' ? 'Overview' : path.startsWith('/explore') ? 'Explore' : 'Not found';
  const problems = overview.value?.problems.length ?? 0;
  useEffect(() => {
    document.title = `${problems > 0 ? '✗ ' : ''}${screen} · sluice`;
  }, [screen, problems]);
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
