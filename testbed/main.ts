// Builds and finds the real programs that tests run against.
//   node_modules/.bin/node testbed/main.ts build all|<peer>
//   node_modules/.bin/node testbed/main.ts path <peer>
import { errorMessage } from '../src/lib/index.ts';
import { PEERS, type PeerName, type PeerState } from './index.ts';

const USAGE = `usage: testbed/main.ts build all|${Object.keys(PEERS).join('|')}\n       testbed/main.ts path ${Object.keys(PEERS).join('|')}\n`;

async function main([verb, subject]: readonly string[]): Promise<number> {
  const names = (subject === 'all' ? Object.keys(PEERS) : [subject]) as PeerName[];
  if (!names.every((name) => Object.hasOwn(PEERS, name)) || (verb !== 'build' && verb !== 'path')) {
    process.stderr.write(USAGE);
    return 2;
  }
  if (verb === 'path') return printPath(PEERS[names[0]!].find());
  let failures = 0;
  for (const name of names) if (!(await build(name))) failures++;
  return failures === 0 ? 0 : 1;
}

function printPath(state: PeerState): number {
  if (state.status === 'ready') process.stdout.write(`${state.path}\n`);
  else process.stderr.write(`${state.reason}\n`);
  return state.status === 'ready' ? 0 : 1;
}

/** A peer this machine cannot have is no failure of the build: its tests are skipped with the reason, or fail in CI. */
async function build(name: PeerName): Promise<boolean> {
  try {
    const state = await PEERS[name].build();
    if (state.status === 'missing') process.stderr.write(`${name}: skipped: ${state.reason}\n`);
    return true;
  } catch (error) {
    process.stderr.write(`${name}: ${errorMessage(error)}\n`);
    return false;
  }
}

process.exitCode = await main(process.argv.slice(2));
