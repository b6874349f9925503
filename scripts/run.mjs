// Runs a tool of node_modules, or a script, on the pinned Node: node scripts/run.mjs vitest run
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDependencies, nodePath, root } from './ensure.mjs';

const [tool, ...args] = process.argv.slice(2);
const packages = { tsc: 'typescript', biome: '@biomejs/biome', vitest: 'vitest', vite: 'vite' };

function toolScript(name) {
  const folder = join(root, 'node_modules', packages[name] ?? name);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : bin[name]);
}

ensureDependencies();
const command = tool === 'node' ? args : [toolScript(tool), ...args];
process.exit(spawnSync(nodePath(), command, { cwd: root, stdio: 'inherit' }).status ?? 1);
