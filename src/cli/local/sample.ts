import type { Clock } from '../../lib/index.ts';
import { SIGNALS } from '../../pdata/index.ts';
import type { SampleDocument } from '../../server/index.ts';

/** A handful of requests: enough to see something on every screen. */
const REQUESTS_PER_SIGNAL = 5;

/** Sends a little of every signal through the front door, as any sender would. The generator is loaded when it is first wanted. */
export async function generateSample(
  endpoint: { readonly host: string; readonly port: number },
  clock: Clock,
): Promise<SampleDocument> {
  const { createGenerator } = await import('../../load/index.ts');
  const sent = { traces: 0, metrics: 0, logs: 0 };
  for (const signal of SIGNALS) {
    const generator = createGenerator(
      {
        signal,
        shape: 'shop',
        seed: clock.nowMs(),
        endpoint,
        protocol: 'http/protobuf',
        requestRate: 0,
        requestCount: REQUESTS_PER_SIGNAL,
        connections: 1,
        retry: true,
      },
      { clock },
    );
    const report = await generator.run();
    sent[signal] = report.accepted;
  }
  return { sent };
}
