/** `node_modules/.bin/node bench/profile.ts FILE.cpuprofile [N]`: the functions that used most CPU themselves, and their callers' share. */
import { readFileSync } from 'node:fs';

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const [file, count = '40'] = process.argv.slice(2);
if (file === undefined) {
  process.stderr.write('give a .cpuprofile file\n');
  process.exit(2);
}
const profile = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile;

function nameOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  const place = url === '' ? '' : ` ${url.replace(/^.*\/(?=src|node_modules)/, '')}:${lineNumber + 1}`;
  return `${functionName || '(anonymous)'}${place}`;
}

const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
const parents = new Map(
  profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)),
);
const selfUs = new Map<number, number>();
for (const [i, id] of profile.samples.entries()) selfUs.set(id, (selfUs.get(id) ?? 0) + (profile.timeDeltas[i] ?? 0));

const self = new Map<string, number>();
const total = new Map<string, number>();
for (const [id, us] of selfUs) {
  const own = nameOf(nodes.get(id)!);
  self.set(own, (self.get(own) ?? 0) + us);
  const onStack = new Set<string>();
  for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) onStack.add(nameOf(nodes.get(at)!));
  for (const name of onStack) total.set(name, (total.get(name) ?? 0) + us);
}
const idle = self.get('(idle)') ?? 0;
const busy = [...selfUs.values()].reduce((sum, us) => sum + us, 0) - idle;

function print(title: string, figures: ReadonlyMap<string, number>): void {
  process.stdout.write(`\n${title}\n`);
  const rows = [...figures].filter(([name]) => name !== '(idle)' && name !== '(root)').sort((a, b) => b[1] - a[1]);
  for (const [name, us] of rows.slice(0, Number(count)))
    process.stdout.write(
      `${((us / busy) * 100).toFixed(1).padStart(6)} %  ${(us / 1000).toFixed(0).padStart(7)} ms  ${name}\n`,
    );
}

process.stdout.write(`busy ${(busy / 1e6).toFixed(2)} s, idle ${(idle / 1e6).toFixed(2)} s\n`);
print('self', self);
print('with callees', total);
