// What `npm start` and `npm test` need before they run: dependencies and the built UI, each made once and again when its inputs change.
// Plain JavaScript without dependencies, because on a fresh clone it runs on whatever Node the machine has.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const say = (text) => process.stderr.write(`${text}\n`);

/** Path of the pinned Node, or the running one where no pinned build exists for this machine. */
export function nodePath() {
  const pinned = join(root, 'node_modules', '.bin', 'node');
  return existsSync(pinned) ? pinned : process.execPath;
}

/** Runs npm ci when the lock file changed since the last install. */
export function ensureDependencies() {
  const lock = hashFiles([join(root, 'package-lock.json')]);
  const stamp = join(root, 'node_modules', '.sluice-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  if (!installedByHand()) {
    say('installing dependencies (npm ci, once; about 15 s) ...');
    runNpm(['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']);
  }
  writeFileSync(stamp, lock);
}

/** Builds ui/ into dist/ui when its sources changed. */
export function ensureUi() {
  const hash = hashFiles([
    ...listFiles(join(root, 'ui')),
    join(root, 'src', 'server', 'api.ts'),
    join(root, 'package-lock.json'),
  ]);
  const stamp = join(root, 'dist', '.ui-hash');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  say('building the web UI (once per version; a few seconds) ...');
  execFileSync(
    nodePath(),
    [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', 'ui', '--logLevel', 'warn'],
    {
      cwd: root,
      stdio: ['ignore', 2, 2],
    },
  );
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, hash);
}

function runNpm(args) {
  const cli = process.env.npm_execpath;
  const options = { cwd: root, stdio: ['ignore', 2, 2] };
  try {
    if (cli && /\.c?js$/.test(cli)) execFileSync(process.execPath, [cli, ...args], options);
    else execFileSync('npm', args, { ...options, shell: process.platform === 'win32' });
  } catch {
    say(`npm ${args[0]} failed; npm's own message stands above. Check the network and try again.`);
    process.exit(4);
  }
}

/** True when `npm ci` ran after the lock file was last written. */
function installedByHand() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs;
}

function hashFiles(paths) {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}

function listFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter((path) => !path.includes('node_modules'))
    .sort();
}
