// node scripts/run.mjs node scripts/soak-kill.ts [--kills 200] [--seed 1]: kills an engine with a queue on disk under load, and counts what arrived.
import { parseArgs } from 'node:util';
import { soakWithKills } from '../test/testkit/kill-soak.ts';

const { values } = parseArgs({ options: { kills: { type: 'string' }, seed: { type: 'string' } } });
const kills = Number(values.kills ?? 200);
const seed = Number(values.seed ?? 1);
const result = await soakWithKills({
  kills,
  seed,
  onKill: (kill) => {
    if ((kill + 1) % 10 === 0) process.stdout.write(`${kill + 1} of ${kills} kills\n`);
  },
});
const { sender, lostRequests, isWhole, unique, duplicates, duplicatesAllowed, recovered, unaccounted } = result;
process.stdout.write(
  `${kills} kills, ${sender.requests} requests, ${sender.retries} sent again: ${sender.accepted} items acknowledged, ${unique} arrived, ${lostRequests} acknowledged requests lost, ${duplicates} items twice (at most ${duplicatesAllowed}), ${recovered} found on disk at starts, ${unaccounted} unaccounted\n`,
);
process.exitCode = lostRequests === 0 && isWhole && duplicates <= duplicatesAllowed && unaccounted === 0 ? 0 : 1;
