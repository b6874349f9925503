import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, listen } from '../../test/testkit/free-port.ts';
import { CliError } from './context.ts';
import { explainListenError } from './network-error.ts';
import { findPortOwner } from './port-owner.ts';

const server = createServer();
let port: number;
beforeAll(async () => {
  port = await listen(server);
});
afterAll(() => void server.close());

/** The error that the system answers with. */
function listenError(at: { host: string; port: number }): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const second = createServer().once('error', resolve);
    second.listen(at, () => second.close(() => reject(new Error('it could listen'))));
  });
}

describe('a port in use', () => {
  it.runIf(process.platform === 'linux')('names the process that listens there, and none for a free one', async () => {
    expect(findPortOwner(port)).toMatchObject({ pid: process.pid });
    expect(findPortOwner(await freePort())).toBeUndefined();
  });

  it('becomes SL0601 with the ways out', async () => {
    const explained = explainListenError(await listenError({ host: '127.0.0.1', port }), ['sluice up --port-offset 1']);
    expect(explained).toMatchObject({ exitCode: 4, code: 'SL0601' });
    const { message, hints } = explained as CliError;
    expect(message).toContain(`port ${port}`);
    expect(hints.join('\n')).toContain('choose:  sluice up --port-offset 1');
  });
});

describe('an address that cannot be had', () => {
  it('becomes SL0602 with an address that can', async () => {
    const explained = explainListenError(await listenError({ host: '192.0.2.1', port: 0 }), []);
    expect(explained).toMatchObject({ exitCode: 4, code: 'SL0602', message: 'this machine has no address 192.0.2.1' });
  });

  it('leaves errors that are bugs alone', () => {
    const bug = new TypeError('x is not a function');
    expect(explainListenError(bug, [])).toBe(bug);
    expect(explainListenError(bug, [])).not.toBeInstanceOf(CliError);
  });
});
