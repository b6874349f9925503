import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { isExecutable, type Peer, type PeerState } from './peer.ts';
import { createProgress } from './progress.ts';

export interface DebianPackageOptions {
  /** The package, and in progress and errors the peer. */
  readonly name: string;
  /** How the program may be called, the first found counts; default: as the package. */
  readonly commands?: readonly string[];
  /** Where else it may be. */
  readonly paths?: readonly string[];
}

/** A program that the machine has, or that a package of Debian brings to a CI machine. */
export function createDebianPackage({ name, commands = [name], paths = [] }: DebianPackageOptions): Peer {
  const find = (): PeerState => {
    const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
    const candidates = [...commands.flatMap((command) => folders.map((folder) => join(folder, command))), ...paths];
    const path = candidates.find(isExecutable);
    if (path !== undefined) return { status: 'ready', path };
    return { status: 'missing', reason: `no ${name} on this machine; on Debian: apt-get install ${name}` };
  };
  return {
    name,
    find,
    async build() {
      const found = find();
      if (found.status === 'ready' || !mayInstall()) return found;
      install(name);
      return find();
    },
  };
}

/** A real browser, for the UI's tests. */
export const chromium = createDebianPackage({
  name: 'chromium',
  commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  paths: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
});

/** Shells that `sluice completion` writes for; bash is everywhere. */
export const zsh = createDebianPackage({ name: 'zsh' });
export const fish = createDebianPackage({ name: 'fish' });

/** What a node runs beside Kubernetes' own programs. */
export const containerd = createDebianPackage({ name: 'containerd' });
export const runc = createDebianPackage({ name: 'runc', paths: ['/usr/sbin/runc'] });
export const cniPlugins = createDebianPackage({
  name: 'containernetworking-plugins',
  commands: [],
  paths: ['/usr/lib/cni/bridge', '/opt/cni/bin/bridge'],
});
export const iptables = createDebianPackage({ name: 'iptables', paths: ['/usr/sbin/iptables'] });
export const conntrack = createDebianPackage({ name: 'conntrack', paths: ['/usr/sbin/conntrack'] });
export const iproute2 = createDebianPackage({ name: 'iproute2', commands: ['ip'], paths: ['/usr/sbin/ip'] });

/** A shell and its tools in one file, for images of tests. */
export const busybox = createDebianPackage({ name: 'busybox-static', commands: ['busybox'], paths: ['/bin/busybox'] });

/** Packages are installed on CI machines, and where one asks for it: a developer's machine is the developer's. */
function mayInstall(): boolean {
  const { CI, SLUICE_TESTBED_INSTALL } = process.env;
  if (CI !== 'true' && SLUICE_TESTBED_INSTALL !== '1') return false;
  return process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0;
}

function install(name: string): void {
  const progress = createProgress(name);
  try {
    progress.phase('updating the package lists');
    aptGet('update');
    progress.phase(`installing the package ${name}`);
    aptGet('install', '--yes', '--no-install-recommends', name);
    progress.phase('ready');
  } finally {
    progress.stop();
  }
}

function aptGet(...args: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, stdout, stderr } = spawnSync('apt-get', ['-qq', ...args], { encoding: 'utf8', env });
  if (status !== 0) throw new Error(`apt-get ${args[0]} failed with code ${status}:\n${stdout}${stderr}`);
}
