import { errorMessage, type Timer } from '../../lib/index.ts';
import type { OtlpServer } from '../../otlp/index.ts';
import type { EngineListener, Receiver, ReceiverContext } from '../component.ts';
import { parseEndpoint } from '../settings/endpoint.ts';
import { durationMs } from '../settings/schema.ts';
import { parseServerTls, type TlsServerConfig } from '../settings/tls.ts';
import type { ProtocolName, Protocols } from './otlp-settings.ts';

/** Source: otlpreceiver factory.go at 0.149. */
const defaultEndpoint = { grpc: 'localhost:4317', http: 'localhost:4318' };

/** How often a client CA is looked at that is to be followed; the Collector is told by the file system. */
const CLIENT_CA_INTERVAL_MS = 10_000;

/** The addresses of a receiver, each with its certificate, which is read again as its settings say. */
export function createListening(
  servers: Readonly<Record<ProtocolName, OtlpServer>>,
  protocols: Protocols,
  { id, deps }: ReceiverContext,
): Receiver {
  const rotations: Timer[] = [];
  const rotate = (settings: TlsServerConfig, update: (tls: ReturnType<typeof parseServerTls>) => void) => {
    const everyMs =
      durationMs(settings.reload_interval, 0) || (settings.client_ca_file_reload === true ? CLIENT_CA_INTERVAL_MS : 0);
    if (everyMs === 0) return;
    let current = JSON.stringify(parseServerTls(settings));
    const at = rotations.length;
    const look = () => {
      rotations[at] = deps.clock.after(everyMs, look);
      try {
        const tls = parseServerTls(settings);
        const text = JSON.stringify(tls);
        if (text === current) return;
        update(tls);
        current = text;
        deps.log.info('certificate reloaded', { component: id });
      } catch (error) {
        deps.log.error('certificate not reloaded', { component: id, message: errorMessage(error) });
      }
    };
    rotations.push(deps.clock.after(everyMs, look));
  };
  return {
    async start() {
      const listeners: EngineListener[] = [];
      for (const protocol of ['grpc', 'http'] as const) {
        const settings = protocols[protocol];
        if (settings === undefined) continue;
        const { tls } = settings;
        const address = await servers[protocol].listen(
          parseEndpoint(settings.endpoint ?? defaultEndpoint[protocol]),
          tls === undefined ? {} : { tls: parseServerTls(tls) },
        );
        if (tls !== undefined) rotate(tls, (changed) => servers[protocol].updateTls(address, changed));
        listeners.push({ component: id, protocol, ...address });
      }
      return listeners;
    },
    async shutdown(graceMs) {
      for (const timer of rotations) timer.cancel();
      await Promise.all([...new Set(Object.values(servers))].map((server) => server.shutdown({ graceMs })));
    },
  };
}
