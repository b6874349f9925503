import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DELIVERED, testDeps } from '../../../test/testkit/engine.ts';
import { createFakeClock } from '../../../test/testkit/fake-clock.ts';
import { createAuthority } from '../../../test/testkit/tls/authority.ts';
import type { ComponentId } from '../../otelcol/index.ts';
import type { ClientTls, ExportOutcome } from '../../otlp/index.ts';
import { createRotatingClient } from './rotating-client.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-rotation-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the certificate of an exporter', () => {
  it('is read again after its interval; what is under way ends with the old one', async () => {
    const authority = createAuthority();
    const [first, second] = [authority.issue(), authority.issue()];
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const settings = {
      cert_file: file('cert', first.certPem),
      key_file: file('key', first.keyPem),
      reload_interval: '1m',
    };
    const clock = createFakeClock();
    const deps = testDeps(clock);
    const made: { readonly tls: ClientTls; closed: boolean; settle: (outcome: ExportOutcome) => void }[] = [];
    const client = createRotatingClient(settings, { id: 'otlp_grpc' as ComponentId, deps }, (tls) => {
      const one = { tls, closed: false, settle: (_: ExportOutcome) => {} };
      made.push(one);
      return {
        export: () =>
          new Promise((resolve) => {
            one.settle = resolve;
          }),
        close: async () => {
          one.closed = true;
        },
      };
    });
    const send = () => client.export('traces', new Uint8Array(0), { signal: new AbortController().signal });

    const underWay = send();
    file('cert', second.certPem);
    await clock.advance(60_000);
    void send();
    expect(made).toHaveLength(1);
    expect(deps.lines).toMatchObject([{ level: 'error', message: 'certificate not reloaded' }]);

    file('key', second.keyPem);
    await clock.advance(59_999);
    void send();
    expect(made).toHaveLength(1);
    await clock.advance(1);
    const last = send();
    expect(made.map(({ tls }) => tls.certPem)).toEqual([first.certPem, second.certPem]);
    expect(made[0]?.closed).toBe(false);

    made[1]?.settle(DELIVERED);
    expect(await last).toEqual(DELIVERED);
    expect(made[1]?.closed).toBe(false);
    await client.close();
    expect(made.map(({ closed }) => closed)).toEqual([true, true]);
    void underWay;
  });

  it('is closed with its last export once another took over', async () => {
    const authority = createAuthority();
    const [first, second] = [authority.issue(), authority.issue()];
    const write = ({ certPem, keyPem }: typeof first) => {
      writeFileSync(join(folder, 'cert'), certPem);
      writeFileSync(join(folder, 'key'), keyPem);
    };
    write(first);
    const clock = createFakeClock();
    const closed: string[] = [];
    const settings = { cert_file: join(folder, 'cert'), key_file: join(folder, 'key'), reload_interval: '1s' };
    const context = { id: 'otlp_http' as ComponentId, deps: testDeps(clock) };
    const client = createRotatingClient(settings, context, ({ certPem = '' }) => ({
      export: async () => DELIVERED,
      close: async () => {
        closed.push(certPem);
      },
    }));
    const send = () => client.export('logs', new Uint8Array(0), { signal: new AbortController().signal });
    await send();
    write(second);
    await clock.advance(1000);
    await send();
    expect(closed).toEqual([first.certPem]);
    await client.close();
    expect(closed).toEqual([first.certPem, second.certPem]);
  });
});
