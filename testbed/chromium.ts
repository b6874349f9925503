import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { isExecutable, type Peer, type PeerState } from './peer.ts';
import { createProgress } from './progress.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC_APPS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** A real browser for the UI's tests: the machine's own; on a Debian CI machine it is installed. */
export const chromium: Peer = {
  name: 'chromium',
  find() {
    const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
    const candidates = [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...MAC_APPS];
    const path = candidates.find(isExecutable);
    if (path !== undefined) return { status: 'ready', path };
    return { status: 'missing', reason: 'no Chromium or Chrome on this machine; on Debian: apt-get install chromium' };
  },
  async build() {
    const found = this.find();
    return found.status === 'ready' || !mayInstall() ? found : install();
  },
};

/** Packages are installed on CI machines only: a developer's machine is the developer's. */
function mayInstall(): boolean {
  return process.env['CI'] === 'true' && process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0;
}

function install(): PeerState {
  const progress = createProgress('chromium');
  try {
    progress.phase('updating the package lists');
    aptGet('update');
    progress.phase('installing the package chromium');
    aptGet('install', '--yes', '--no-install-recommends', 'chromium');
    progress.phase('ready');
    return chromium.find();
  } finally {
    progress.stop();
  }
}

function aptGet(...args: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, stdout, stderr } = spawnSync('apt-get', ['-qq', ...args], { encoding: 'utf8', env });
  if (status !== 0) throw new Error(`apt-get ${args[0]} failed with code ${status}:\n${stdout}${stderr}`);
}
