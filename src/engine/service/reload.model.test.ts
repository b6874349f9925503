import fc from 'fast-check';
import { expect, it } from 'vitest';
import { batchOf, DELIVERED, namesOf, type TestDeps, testDeps, UNAVAILABLE } from '../../../test/testkit/engine.ts';
import { createFakeClock, type FakeClock, settle } from '../../../test/testkit/fake-clock.ts';
import type { LedgerRow } from '../../flow/index.ts';
import { Type } from '../../lib/index.ts';
import type { OtelcolConfig } from '../../otelcol/index.ts';
import type { ExportOutcome } from '../../otlp/index.ts';
import { Admission } from '../admission/admission.ts';
import type { Batch, Verdict } from '../batch.ts';
import type { ConnectorFactory, ExporterFactory, ReceiverContext, ReceiverFactory } from '../component.ts';
import { forwardConnector } from '../connector/forward.ts';
import { nodeFiles, openDiskQueue } from '../queue/disk/index.ts';
import { builtIn } from '../registry.ts';
import { Count, settingsObject } from '../settings/schema.ts';
import { Books } from './books.ts';
import { ExporterPool } from './exporter-pool.ts';
import { planConfig } from './plan.ts';
import { Reloader } from './reload.ts';
import { Retries } from './retries.ts';

/** One that recovers takes what is new and leaves alone what hangs. */
type Mood = 'accepts' | 'recovers' | 'refuses' | 'hangs';

/** A backend for each exporter id, whatever instance sends to it. */
class Backend {
  mood: Mood = 'accepts';
  refused = false;
  readonly taken: string[] = [];
  readonly #hanging = new Set<(outcome: ExportOutcome) => void>();

  send(batch: Batch, signal: AbortSignal): ExportOutcome | Promise<ExportOutcome> {
    if (this.mood === 'accepts' || this.mood === 'recovers') return this.#take(batch);
    if (this.mood === 'refuses') {
      this.refused = true;
      return UNAVAILABLE;
    }
    return new Promise((resolve, reject) => {
      const answer = () => resolve(this.#take(batch));
      this.#hanging.add(answer);
      signal.addEventListener('abort', () => {
        this.#hanging.delete(answer);
        reject(signal.reason as Error);
      });
    });
  }

  turn(mood: Mood): void {
    this.mood = mood;
    if (mood === 'hangs' || mood === 'recovers') return;
    for (const answer of this.#hanging) answer(DELIVERED);
    this.#hanging.clear();
  }

  #take(batch: Batch): ExportOutcome {
    this.taken.push(...namesOf(batch));
    return DELIVERED;
  }
}

/** A configuration in its interesting parts: up to four pipelines behind one input. */
interface Shape {
  readonly inputBatch: number | undefined;
  readonly chooses: boolean;
  readonly receiver: number;
  readonly pipelines: readonly ({ readonly exporter: number; readonly batch: number | undefined } | undefined)[];
  readonly exporters: readonly { readonly version: number; readonly capacity: number; readonly gathers: boolean }[];
}

const EXPORTERS = [0, 1, 2, 3];

const batch = fc.option(fc.nat(2), { nil: undefined, freq: 2 });
const shape: fc.Arbitrary<Shape> = fc.record({
  inputBatch: fc.option(fc.nat(1), { nil: undefined, freq: 3 }),
  chooses: fc.boolean(),
  receiver: fc.nat(1),
  pipelines: fc.tuple(
    ...EXPORTERS.map((own) => {
      const exporter = fc.oneof({ arbitrary: fc.constant(own), weight: 9 }, fc.nat(3));
      return fc.option(fc.record({ exporter, batch }), { nil: undefined, freq: 3 });
    }),
  ),
  exporters: fc.tuple(
    ...EXPORTERS.map(() => {
      return fc.record({ version: fc.nat(1), capacity: fc.constantFrom(60, 90, 1000), gathers: fc.boolean() });
    }),
  ),
});

function configOf({ inputBatch, chooses, receiver, pipelines, exporters }: Shape): OtelcolConfig {
  const connector = chooses ? 'choose' : 'forward';
  const behind = pipelines.flatMap((pipeline, i) =>
    pipeline === undefined
      ? []
      : [
          [
            `traces/${i}`,
            {
              receivers: [connector],
              processors: pipeline.batch === undefined ? [] : [`batch/${pipeline.batch}`],
              exporters: [`memory/${pipeline.exporter}`],
            },
          ],
        ],
  );
  const input = {
    receivers: ['test'],
    processors: inputBatch === undefined ? [] : [`batch/${inputBatch}`],
    exporters: behind.length > 0 ? [connector] : ['memory/0'],
  };
  return {
    receivers: { test: { version: receiver } },
    processors: {
      'batch/0': { timeout: '200ms', send_batch_size: 5, send_batch_max_size: 25 },
      'batch/1': { timeout: '1s', send_batch_size: 20, send_batch_max_size: 20 },
      'batch/2': { timeout: '0s', send_batch_size: 10, send_batch_max_size: 30 },
    },
    connectors: { forward: {}, choose: {} },
    exporters: Object.fromEntries(exporters.map((settings, i) => [`memory/${i}`, settings])),
    extensions: {},
    service: { extensions: [], pipelines: Object.fromEntries([['traces/in', input], ...behind]) },
  } as unknown as OtelcolConfig;
}

class World {
  readonly backends = EXPORTERS.map(() => new Backend());
  readonly clock: FakeClock = createFakeClock();
  /** How often each item is to arrive. */
  readonly expected = new Map<string, number>();
  readonly verdicts: Promise<Verdict>[] = [];
  readonly reloader: Reloader;
  readonly #plan: (config: OtelcolConfig) => ReturnType<typeof planConfig>;
  #entries: ReceiverContext['entries'] = {};
  #shape: Shape | undefined;
  #sent = 0;
  #rows = new Map<string, LedgerRow>();
  /**
   * Those of one consumer that had one pipeline all the time and never a full queue: stages that a full queue keeps from
   * flushing are overtaken by those that took their place, or a dead backend would hold up a configuration without it.
   */
  readonly #inOrder: boolean[];
  readonly #consumers: readonly number[];
  readonly #roomy: boolean;
  readonly #misuse: string[] = [];
  readonly #deps: TestDeps;

  constructor({ consumers, roomy }: { readonly consumers: readonly number[]; readonly roomy: boolean }) {
    this.#consumers = consumers;
    this.#roomy = roomy;
    this.#inOrder = consumers.map((count) => count === 1 && roomy);
    const deps = testDeps(this.clock);
    this.#deps = deps;
    const pool = new ExporterPool({ deps, stdout: () => {}, openQueue: openDiskQueue, files: nodeFiles });
    const books = new Books(deps.metrics);
    const retries = new Retries(deps);
    const admission = new Admission(deps);
    this.reloader = new Reloader({ deps, pool, books, retries, admission });
    const registry = {
      ...builtIn,
      receivers: { test: this.#receiver() },
      connectors: { forward: forwardConnector, choose: this.#connector() },
      exporters: { memory: this.#exporter() },
    };
    const options = {
      deps,
      pool,
      books,
      retries,
      admission,
      registry,
      ready: () => true,
      extension: () => undefined,
      onAttempt: undefined,
      advise: undefined,
    };
    this.#plan = (config) => planConfig(config, this.reloader.running, options);
  }

  async reload(wanted: Shape): Promise<void> {
    this.#shape = wanted;
    for (const i of EXPORTERS) {
      const users = wanted.pipelines.filter((pipeline) => pipeline?.exporter === i);
      if (users.length > 1) this.#inOrder[i] = false;
    }
    await this.reloader.run(this.#plan(configOf(wanted)));
  }

  send(itemCount: number): void {
    const names = Array.from({ length: itemCount }, () => `${this.#sent++}`);
    const { pipelines, chooses } = this.#shape!;
    const behind = pipelines.filter((pipeline) => pipeline !== undefined).length;
    const copies = behind === 0 ? 1 : chooses ? 0 : behind;
    for (const name of names) this.#expect(name, copies);
    this.verdicts.push(Promise.resolve(this.#entries.traces!.consume(batchOf(names))));
  }

  /** No figure is out of balance, and none of what has happened is taken back. */
  check(): void {
    const { pipelines, folded } = this.reloader.snapshot();
    expect(folded).toBeUndefined();
    for (const { id, ledger } of pipelines) {
      expect(ledger.unaccounted, id).toBe(0);
      const before = this.#rows.get(id);
      this.#rows.delete(id);
      for (const figure of ['received', 'delivered'] as const)
        expect(ledger[figure], `${figure} of ${id}`).toBeGreaterThanOrEqual(before?.[figure] ?? 0);
    }
    expect([...this.#rows.keys()]).toEqual([]);
    this.#rows = new Map(pipelines.map(({ id, ledger }) => [id, ledger]));
  }

  async end(): Promise<void> {
    for (const backend of this.backends) backend.turn('accepts');
    for (let i = 0; i < 20; i++) {
      await this.clock.advance(10_000);
      this.check();
    }
    for (const verdict of this.verdicts) expect(await verdict).toEqual({ status: 'accepted' });
    const arrived = new Map<string, number>();
    for (const name of this.backends.flatMap(({ taken }) => taken)) arrived.set(name, (arrived.get(name) ?? 0) + 1);
    expect(arrived).toEqual(new Map([...this.expected].filter(([, copies]) => copies > 0)));
    for (const { ledger, id } of this.reloader.snapshot().pipelines) expect(ledger.queued, id).toBe(0);
    expect(this.#deps.metrics.renderPrometheus()).not.toMatch(/^otelcol_exporter_queue_size\S+ -?[1-9]/m);
    this.backends.forEach(({ taken, refused }, i) => {
      if (refused || !this.#inOrder[i]) return;
      const order = taken.map(Number);
      expect(order).toEqual(order.toSorted((a, b) => a - b));
    });
    expect(this.#misuse).toEqual([]);
    this.reloader.stop();
    await this.reloader.shutdown(0);
    expect(this.clock.pendingTimers).toBe(0);
  }

  /** A stop in the middle of everything: nothing stays held, and every sender has an answer. */
  async stop(): Promise<void> {
    this.reloader.stop();
    const stopped = this.reloader.shutdown(2000);
    await this.clock.advance(5000);
    await stopped;
    this.check();
    for (const { ledger, id } of this.reloader.snapshot().pipelines) expect(ledger.queued, id).toBe(0);
    await Promise.all(this.verdicts);
    expect(this.clock.pendingTimers).toBe(0);
  }

  #expect(name: string, copies: number): void {
    this.expected.set(name, (this.expected.get(name) ?? 0) + copies);
  }

  #receiver(): ReceiverFactory {
    return {
      schema: settingsObject({ version: Count }),
      create: (_, { entries }) => {
        this.#entries = entries;
        return { start: async () => [], shutdown: async () => {} };
      },
    };
  }

  /** Chooses by the first item's name; what has no route is lost and is not expected. */
  #connector(): ConnectorFactory {
    return {
      schema: settingsObject({}),
      create: (_, { pipelines }) => ({
        route: (batch) => {
          const names = namesOf(batch);
          const routes = pipelines.filter((__, i) => (Number(names[0]) >> i) % 2 === 0);
          for (const name of names) this.#expect(name, routes.length);
          return routes;
        },
      }),
    };
  }

  #exporter(): ExporterFactory {
    const misuse = this.#misuse;
    return {
      schema: settingsObject({ version: Count, capacity: Count, gathers: Type.Boolean() }),
      create: ({ version, gathers, capacity }, { id }) => {
        const index = Number(id.split('/')[1]);
        const backend = this.backends[index]!;
        const room = this.#roomy ? 1000 : (capacity as number);
        let isShut = false;
        return {
          destination: 'memory',
          queue: {
            numConsumers: this.#consumers[index]!,
            ...(version === 0
              ? { capacity: room, sizer: 'items' as const }
              : { capacity: 600 * room, sizer: 'bytes' as const }),
            blockOnOverflow: true,
            waitForResult: false,
            ...(gathers === true && {
              batch: { minSize: 8, maxSize: 12, flushTimeoutMs: 500, sizer: 'items' as const },
            }),
          },
          retry: {
            initialIntervalMs: 300,
            randomizationFactor: 0,
            multiplier: 1.5,
            maxIntervalMs: 900,
            maxElapsedMs: 0,
          },
          send(batch, { signal }) {
            if (isShut) misuse.push(`${id} sent after its shutdown`);
            return backend.send(batch, signal);
          },
          shutdown: async () => {
            isShut = true;
          },
        };
      },
    };
  }
}

const limits = fc.record({
  consumers: fc.tuple(...EXPORTERS.map(() => fc.constantFrom(1, 1, 3))),
  roomy: fc.boolean(),
});
const step = fc.oneof(
  {
    arbitrary: fc.record({ kind: fc.constant('send' as const), itemCount: fc.integer({ min: 1, max: 10 }) }),
    weight: 6,
  },
  { arbitrary: fc.record({ kind: fc.constant('reload' as const), shape }), weight: 3 },
  fc.record({ kind: fc.constant('advance' as const), ms: fc.oneof(fc.nat(2000), fc.constant(31_000)) }),
  fc.record({
    kind: fc.constant('mood' as const),
    backend: fc.nat(3),
    mood: fc.constantFrom<Mood>('accepts', 'recovers', 'refuses', 'hangs', 'hangs'),
  }),
);

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

async function play(world: World, first: Shape, steps: readonly Step[]) {
  await world.reload(first);
  for (const one of steps) {
    if (one.kind === 'send') world.send(one.itemCount);
    else if (one.kind === 'reload') await world.reload(one.shape);
    else if (one.kind === 'advance') await world.clock.advance(one.ms);
    else world.backends[one.backend]!.turn(one.mood);
    world.check();
    await settle();
  }
}

it('reloads in any order under load lose no item, give none twice, keep the order of single consumers and balance at every moment', async () => {
  await fc.assert(
    fc.asyncProperty(limits, shape, fc.array(step, { maxLength: 60, size: 'max' }), async (bounds, first, steps) => {
      const world = new World(bounds);
      await play(world, first, steps);
      await world.end();
    }),
    { numRuns: 150 },
  );
});

it('a stop between reloads leaves nothing held and nobody without an answer', async () => {
  await fc.assert(
    fc.asyncProperty(limits, shape, fc.array(step, { maxLength: 30, size: 'max' }), async (bounds, first, steps) => {
      const world = new World(bounds);
      await play(world, first, steps);
      await world.stop();
    }),
    { numRuns: 100 },
  );
});
