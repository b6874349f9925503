import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/index.ts';
import { createOtlpServer, defaultGrpcAccept, defaultHttpAccept } from '../../src/otlp/index.ts';
import { requirePeer } from '../../testbed/index.ts';
import { runH2spec } from '../testkit/h2spec.ts';
import { createAuthority } from '../testkit/tls/authority.ts';

/** Cases of h2spec 2.2.1 with its strict one, so that one that disappears is noticed. */
const CASES = 146;
/** Cases that we do not hold, each with its reason. */
const EXCEPTIONS: Readonly<Record<string, string>> = {};

const h2spec = requirePeer('h2spec');
const reason = h2spec.status === 'missing' ? `: skipped, ${h2spec.reason}` : '';

describe.skipIf(h2spec.status === 'missing')(
  `the OTLP port and the HTTP/2 conformance tests of h2spec${reason}`,
  () => {
    const server = createOtlpServer(
      { accepts: { grpc: defaultGrpcAccept, http: defaultHttpAccept }, clock: systemClock },
      () => ({ status: 'ok' }),
    );
    let port = 0;
    let securePort = 0;

    beforeAll(async () => {
      ({ port } = await server.listen({ host: '127.0.0.1', port: 0 }));
      const tls = createAuthority().issue();
      ({ port: securePort } = await server.listen({ host: '127.0.0.1', port: 0 }, { tls }));
    });
    afterAll(() => server.shutdown({ graceMs: 0 }));

    it.each([
      ['a path that is served', '/v1/traces', false],
      ['a path that is not', '/', false],
      ['over TLS', '/v1/traces', true],
    ])('all cases but the named exceptions hold: %s', async (_what, path, tls) => {
      if (h2spec.status === 'missing') return;
      const report = await runH2spec(h2spec.path, tls ? securePort : port, path, { tls });
      expect(report.failed, report.log).toEqual(Object.keys(EXCEPTIONS).sort());
      expect(report).toMatchObject({ caseCount: CASES, skippedCount: 0 });
      await expect.poll(() => [server.connectionCount, server.inFlightBytes]).toEqual([0, 0]);
    });
  },
);
