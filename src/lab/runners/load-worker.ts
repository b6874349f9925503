/**
 * Generator and sink in processes of their own: driven over the IPC channel by load-process.ts.
 * A worker ends when its parent goes away.
 */

import { systemClock } from '../../lib/index.ts';
import { createGenerator, createSink, type Generator, type SettledRequest, type Sink } from '../../load/index.ts';
import type { NumberedRequest, SettledRequests, WorkerRequest, WorkerResponse } from './load-process.ts';

let sink: Sink | undefined;
let generator: Generator | undefined;
let running: Promise<unknown> | undefined;
let stop = new AbortController();
let settled: SettledRequest[] = [];

process.on('message', ({ id, ...request }: NumberedRequest) => {
  answer(request).then(
    (value) => process.send?.({ id, value } satisfies WorkerResponse),
    (error: unknown) => process.send?.({ id, error: String(error) } satisfies WorkerResponse),
  );
});
process.on('disconnect', () => process.exit(0));

async function answer(request: WorkerRequest): Promise<unknown> {
  switch (request.kind) {
    case 'open-sink':
      sink = await createSink(request.options, { clock: systemClock });
      return sink.address;
    case 'sink-mode':
      return sink?.setMode(request.mode);
    case 'sink-stats':
      return sink?.stats();
    case 'sink-arrivals':
      return Float64Array.from(sink?.arrivals().get(request.run) ?? [], (ms) => ms ?? Number.NaN);
    case 'sink-clear':
      return sink?.clear();
    case 'start-generator':
      stop = new AbortController();
      settled = [];
      generator = createGenerator(request.options, { clock: systemClock, onSettled: (one) => void settled.push(one) });
      running = generator.run({ signal: stop.signal });
      return undefined;
    case 'generator-progress':
      return generator?.progress();
    case 'generator-requests':
      return columnsOf(settled);
    case 'stop-generator':
      stop.abort();
      return running;
  }
}

function columnsOf(requests: readonly SettledRequest[]): SettledRequests {
  return {
    request: Float64Array.from(requests, ({ request }) => request),
    dueAtMs: Float64Array.from(requests, ({ dueAtMs }) => dueAtMs),
    settledAtMs: Float64Array.from(requests, ({ settledAtMs }) => settledAtMs),
    ok: Uint8Array.from(requests, ({ status }) => (status === 'ok' ? 1 : 0)),
  };
}
