import { errorMessage } from '../../lib/index.ts';
import type { ClientTls, OtlpClient } from '../../otlp/index.ts';
import type { ComponentContext } from '../component.ts';
import { durationMs } from '../settings/schema.ts';
import { parseClientTls, type TlsClientConfig } from '../settings/tls.ts';

interface Generation {
  readonly client: OtlpClient;
  readonly tls: string;
  underWay: number;
  retired: boolean;
}

/**
 * A client whose certificate is read again every `reload_interval`, at the first export after it. When it has changed, a new
 * client takes over; what is under way ends on the old one. Without an interval it is the client itself.
 */
export function createRotatingClient(
  settings: TlsClientConfig | undefined,
  { id, deps }: ComponentContext,
  create: (tls: ClientTls) => OtlpClient,
): OtlpClient {
  const everyMs = durationMs(settings?.reload_interval, 0);
  const first = parseClientTls(settings);
  if (everyMs === 0) return create(first);
  const generation = (tls: ClientTls): Generation => ({
    client: create(tls),
    tls: JSON.stringify(tls),
    underWay: 0,
    retired: false,
  });
  let current = generation(first);
  let readAtMs = deps.clock.monotonicMs();
  const open = new Set([current]);
  const closeIfDone = (one: Generation) => {
    if (!one.retired || one.underWay > 0 || !open.delete(one)) return;
    one.client.close().catch((error: unknown) => deps.log.error('client not closed', { message: errorMessage(error) }));
  };
  const rotate = () => {
    if (deps.clock.monotonicMs() - readAtMs < everyMs) return;
    readAtMs = deps.clock.monotonicMs();
    try {
      const tls = parseClientTls(settings);
      if (JSON.stringify(tls) === current.tls) return;
      const old = current;
      current = generation(tls);
      open.add(current);
      old.retired = true;
      closeIfDone(old);
      deps.log.info('certificate reloaded', { component: id });
    } catch (error) {
      deps.log.error('certificate not reloaded', { component: id, message: errorMessage(error) });
    }
  };
  return {
    async export(signal, bytes, options) {
      rotate();
      const used = current;
      used.underWay += 1;
      try {
        return await used.client.export(signal, bytes, options);
      } finally {
        used.underWay -= 1;
        closeIfDone(used);
      }
    },
    async close() {
      await Promise.all([...open].map(({ client }) => client.close()));
    },
  };
}
