/**
 * Generator and sink in processes of their own: `bench/load-worker.ts`, driven over the IPC channel by bench/load-process.ts.
 * A worker ends when its parent goes away.
 */

import { systemClock } from '../src/lib/index.ts';
import { createGenerator, createSink, type Generator, type Sink } from '../src/load/index.ts';
import type { WorkerRequest, WorkerResponse } from './load-process.ts';

let sink: Sink | undefined;
let generator: Generator | undefined;
let running: Promise<unknown> | undefined;
let stop = new AbortController();

process.on('message', (request: WorkerRequest) => {
  answer(request).then(
    (value) => process.send?.({ value } satisfies WorkerResponse),
    (error: unknown) => process.send?.({ error: String(error) } satisfies WorkerResponse),
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
    case 'sink-clear':
      return sink?.clear();
    case 'start-generator':
      stop = new AbortController();
      generator = createGenerator(request.options, { clock: systemClock });
      running = generator.run({ signal: stop.signal });
      return undefined;
    case 'generator-progress':
      return generator?.progress();
    case 'stop-generator':
      stop.abort();
      return running;
  }
}
