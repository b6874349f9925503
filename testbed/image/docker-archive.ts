import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { withBuildLock } from '../build-lock.ts';
import { cacheRoot } from '../go-peer.ts';
import type { Progress } from '../progress.ts';

/** One file of an image, at an absolute path: a copy, a text, a symbolic link or a folder that anyone may write to. */
export type ImageFile =
  | { readonly kind: 'copy'; readonly target: string; readonly source: string }
  | { readonly kind: 'text'; readonly target: string; readonly text: string }
  | { readonly kind: 'link'; readonly target: string; readonly to: string }
  | { readonly kind: 'scratch'; readonly target: string };

/** An image of one layer, for the architecture of this machine. */
export interface ImageDefinition {
  /** `sluice:0.1.0` */
  readonly tag: string;
  readonly files: readonly ImageFile[];
  readonly user?: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
/** No time, no user of this machine, no order of its folders: the same files make the same bytes. */
const REPRODUCIBLE = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--format=gnu'];
const EPOCH = '1970-01-01T00:00:00Z';
const VERSION = 1;

/**
 * The path of a docker-archive tar: what `docker load`, `podman load` and `ctr image import` read. Packed once for the same
 * content and kept in the testbed's cache.
 */
export async function packImage(image: ImageDefinition, progress: Progress): Promise<string> {
  const folder = join(cacheRoot(), 'images');
  const name = image.tag.replace(/[^\w.-]/g, '-');
  const path = join(folder, `${name}-${contentHash(image)}.tar`);
  if (existsSync(path)) return path;
  return withBuildLock(join(folder, `${name}.lock`), progress, async () => {
    if (existsSync(path)) return path;
    progress.phase(`packing ${image.tag}`);
    const work = mkdtempSync(join(folder, 'packing-'));
    try {
      await writeArchive(image, work);
      renameSync(join(work, 'image.tar'), path);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
    removeOlder(folder, name, path);
    return path;
  });
}

/** Images are large and change with the source: only the newest few are worth their room. */
function removeOlder(folder: string, name: string, newest: string): void {
  const kept = 3;
  const others = readdirSync(folder)
    .filter((file) => file.startsWith(`${name}-`) && file.endsWith('.tar') && join(folder, file) !== newest)
    .map((file) => ({ path: join(folder, file), mtimeMs: statSync(join(folder, file)).mtimeMs }))
    .sort((a, b) => b.mtimeMs - a.mtimeMs);
  for (const { path } of others.slice(kept - 1)) rmSync(path, { force: true });
}

function contentHash({ files, ...rest }: ImageDefinition): string {
  const hash = createHash('sha256').update(JSON.stringify([VERSION, process.arch, rest]));
  for (const file of files) {
    hash.update(`\0${JSON.stringify({ ...file, source: undefined })}\0`);
    if (file.kind !== 'copy') continue;
    for (const path of walk(file.source)) {
      hash.update(`${path.slice(file.source.length)}\0${statSync(path).mode & 0o111}\0${statSync(path).size}\0`);
      hash.update(readFileSync(path));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

/** The files below a path, or itself when it is one; links are followed. */
function walk(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => walk(join(path, name)));
}

async function writeArchive(image: ImageDefinition, work: string): Promise<void> {
  const root = join(work, 'root');
  mkdirSync(root, { mode: 0o755 });
  for (const file of image.files) stage(root, file);
  tar(join(work, 'layer.tar'), root, ['.']);
  const config = JSON.stringify(configOf(image, await sha256Of(join(work, 'layer.tar'))));
  const configName = `${createHash('sha256').update(config).digest('hex')}.json`;
  writeFileSync(join(work, configName), config);
  const manifest = [{ Config: configName, RepoTags: [image.tag], Layers: ['layer.tar'] }];
  writeFileSync(join(work, 'manifest.json'), JSON.stringify(manifest));
  tar(join(work, 'image.tar'), work, [configName, 'layer.tar', 'manifest.json']);
}

function stage(root: string, file: ImageFile): void {
  const target = join(root, file.target);
  mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
  if (file.kind === 'text') writeFileSync(target, file.text);
  else if (file.kind === 'link') symlinkSync(file.to, target);
  else if (file.kind === 'scratch') {
    mkdirSync(target, { recursive: true });
    chmodSync(target, 0o1777);
  } else {
    for (const path of walk(file.source)) {
      const copy = join(target, path.slice(file.source.length));
      mkdirSync(dirname(copy), { recursive: true, mode: 0o755 });
      copyFileSync(path, copy);
      chmodSync(copy, (statSync(path).mode & 0o111) === 0 ? 0o644 : 0o755);
    }
  }
}

function configOf({ user, entrypoint, command, env = {}, labels = {} }: ImageDefinition, layerSha256: string): object {
  const architecture = ARCHITECTURES[process.arch];
  if (architecture === undefined) throw new Error(`no images are made for ${process.arch}`);
  return {
    architecture,
    os: 'linux',
    created: EPOCH,
    config: {
      ...(user === undefined ? {} : { User: user }),
      ...(entrypoint === undefined ? {} : { Entrypoint: entrypoint }),
      ...(command === undefined ? {} : { Cmd: command }),
      Env: Object.entries({ PATH: '/usr/local/bin:/usr/bin:/bin', ...env }).map(([name, value]) => `${name}=${value}`),
      WorkingDir: '/',
      Labels: labels,
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layerSha256}`] },
    history: [{ created: EPOCH, created_by: basename(import.meta.filename) }],
  };
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

function tar(output: string, folder: string, names: readonly string[]): void {
  const { status, stderr, error } = spawnSync('tar', [...REPRODUCIBLE, '-cf', output, '-C', folder, ...names], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`packing an image needs GNU tar, and it failed: ${error?.message ?? stderr}`);
}

/** A program and the libraries it is linked with, each where the program looks for it; a static one comes alone. */
export function programFiles(source: string, target: string): readonly ImageFile[] {
  const { stdout } = spawnSync('ldd', [source], { encoding: 'utf8' });
  const libraries = [...(stdout ?? '').matchAll(/(?:=>\s+|^\s*)(\/\S+)\s+\(0x/gm)].map(([, path = '']) => path);
  return [
    { kind: 'copy', target, source },
    ...[...new Set(libraries)].map((path) => ({ kind: 'copy', target: path, source: path }) as const),
  ];
}
