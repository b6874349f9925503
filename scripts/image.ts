// npm run image [-- <name>...]: packs images of Sluice and of the built Collector as docker-archive tars and prints their paths.
import { copyFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { IMAGE_NAMES, type ImageName, packNamedImage } from '../testbed/image/images.ts';
import { PEERS } from '../testbed/index.ts';
import { ensureUi } from './ensure.mjs';

const PUBLISHED: readonly ImageName[] = ['sluice', 'sluice-otelcol'];
const USAGE = `usage: npm run image -- [--output <folder>] [${IMAGE_NAMES.join('|')} ...]     (default: ${PUBLISHED.join(' and ')})
       load one with:  docker load -i <path>,  podman load -i <path>  or  ctr -n k8s.io image import <path>
`;

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { output: { type: 'string' }, help: { type: 'boolean' } },
  });
  const names = positionals.length === 0 ? PUBLISHED : (positionals as ImageName[]);
  if (values.help === true || !names.every((name) => IMAGE_NAMES.includes(name))) {
    process.stderr.write(USAGE);
    return values.help === true ? 0 : 2;
  }
  if (names.includes('sluice')) ensureUi();
  if (names.includes('sluice-otelcol')) await PEERS.otelcol.build();
  for (const name of names) {
    const { tag, path } = await packNamedImage(name);
    const target = values.output === undefined ? path : join(resolve(values.output), `${tag.replace(':', '-')}.tar`);
    if (target !== path) copyFileSync(path, target);
    process.stdout.write(`${tag}  ${target}\n`);
  }
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`npm run image: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
