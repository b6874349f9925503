import type { Clock } from '../../lib/index.ts';
import { SIGNALS } from '../../pdata/index.ts';
import type { SampleDocument } from '../../server/index.ts';

/** Spread over two seconds: enough to see something on every screen, and a line instead of a dot in a plot. */
const REQUESTS_PER_SIGNAL = 20;
const REQUESTS_PER_SECOND = 10;

/** Sends a little of every signal through the front door, as any sender would. The generator is loaded when it is first wanted. */
export async function generateSample(
  endpoint: { readonly host: string; readonly port: number },
  clock: Clock,
): Promise<SampleDocument> {
  const { createGenerator } = await import('../../load/index.ts');
  const seed = clock.nowMs(); // one for all signals: logs then name traces that were sent
  const runs = SIGNALS.map((signal) => {
    const options = {
      signal,
      shape: 'shop',
      seed,
      endpoint,
      protocol: 'http/protobuf',
      requestRate: REQUESTS_PER_SECOND,
      requestCount: REQUESTS_PER_SIGNAL,
      connections: 1,
      retry: true,
    } as const;
    return createGenerator(options, { clock }).run();
  });
  const [traces, metrics, logs] = await Promise.all(runs);
  const sent = { traces: traces!.accepted, metrics: metrics!.accepted, logs: logs!.accepted };
  const traceId = traces!.firstTraceId;
  return traceId === undefined ? { sent } : { sent, traceId };
}
