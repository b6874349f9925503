/**
 * Random requests of random peers through a tree of fan-outs whose ends take, refuse for now or refuse for good, at once or
 * later. Whoever is told to try again does, until it is accepted or told to stop; then every end has the request once.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { assertAccounts, testDeps } from '../../../test/testkit/engine.ts';
import { createFakeClock } from '../../../test/testkit/fake-clock.ts';
import { Account } from '../../flow/index.ts';
import type { PipelineId } from '../../otelcol/index.ts';
import { ACCEPTED, type Batch, type Consumer, refuse, type Verdict } from '../batch.ts';
import { createEntry } from './entry.ts';
import { type Branch, createFanout } from './fanout.ts';
import type { PipelineNode } from './pipeline-node.ts';
import { Retries } from './retries.ts';

const LEAVES = ['a', 'b', 'c', 'd', 'e'] as const;
type LeafName = (typeof LEAVES)[number];
type Mood = 'takes' | 'full' | 'rejects';

interface Step {
  readonly peer: number;
  readonly text: number;
  readonly moods: Readonly<Record<LeafName, Mood>>;
  readonly later: readonly LeafName[];
  readonly lent: boolean;
}

const mood = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Mood>('takes') },
  { weight: 5, arbitrary: fc.constant<Mood>('full') },
  { weight: 1, arbitrary: fc.constant<Mood>('rejects') },
);
const step: fc.Arbitrary<Step> = fc.record({
  peer: fc.nat({ max: 2 }),
  text: fc.nat({ max: 3 }),
  moods: fc.record({ a: mood, b: mood, c: mood, d: mood, e: mood }),
  later: fc.subarray([...LEAVES]),
  lent: fc.boolean(),
});

/** a, and behind one entry b beside (c, and behind a forward d and e). */
class Tree {
  readonly accounts: Readonly<Record<LeafName, Account>>;
  readonly taken = new Map<string, number>();
  readonly retries: Retries;
  readonly deps: ReturnType<typeof testDeps>;
  readonly #entries: Readonly<Record<'lent' | 'owned', Consumer>>;
  #step: Step | undefined;

  constructor() {
    const clock = createFakeClock();
    this.deps = testDeps(clock);
    this.retries = new Retries(this.deps);
    const accounts = LEAVES.map((name) => [name, new Account()] as const);
    this.accounts = Object.fromEntries(accounts) as Record<LeafName, Account>;
    const build = (borrows: boolean) => {
      const de = createFanout([this.#leaf('d', borrows), this.#leaf('e', borrows)], this.retries);
      const forward = { name: 'forward', consumer: de, accounts: [this.accounts.d, this.accounts.e] };
      const inner = [this.#leaf('b', borrows), this.#leaf('c', borrows), forward];
      const nodes = [this.#node('traces/a', [this.#leaf('a', borrows)]), this.#node('traces/in', inner)];
      return createEntry(nodes, { clock, offered: { traces: 0, metrics: 0, logs: 0 }, retries: this.retries });
    };
    this.#entries = { lent: build(true), owned: build(false) };
  }

  async send(step: Step): Promise<Verdict> {
    this.#step = step;
    const bytes = new TextEncoder().encode(`request ${step.text}`);
    const batch = { signal: 'traces' as const, bytes, itemCount: 1, acknowledged: false, peer: `10.0.0.${step.peer}` };
    const verdict = this.#entries[step.lent ? 'lent' : 'owned'].consume(batch);
    if (step.lent) bytes.fill(0xff);
    return verdict;
  }

  #node(id: string, branches: readonly Branch[]): PipelineNode {
    const accounts = branches.flatMap((branch) => branch.accounts);
    const entry = createFanout(branches, this.retries);
    return {
      id: id as PipelineId,
      signal: 'traces',
      entry,
      accounts,
      outputs: [],
      processors: [],
      behind: [],
      parts: [],
    };
  }

  #leaf(name: LeafName, borrows: boolean): Branch {
    const account = this.accounts[name];
    const consume = (batch: Batch): Verdict | Promise<Verdict> => {
      const { moods, later, peer, text } = this.#step!;
      const decide = (): Verdict => {
        if (moods[name] !== 'takes') {
          const retryable = moods[name] === 'full';
          return refuse(batch, [account], { cause: 'queue_full', retryable, afterMs: 1, message: name });
        }
        account.delivered += 1;
        const key = `${name} ${peer} ${text}`;
        this.taken.set(key, (this.taken.get(key) ?? 0) + 1);
        return ACCEPTED;
      };
      return later.includes(name) ? Promise.resolve().then(decide) : decide();
    };
    return { name, consumer: { borrows, consume }, accounts: [account] };
  }
}

it('a request that is tried until it is accepted is taken once by every branch, and balanced at every moment', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60 }), async (steps) => {
      const tree = new Tree();
      /** What is to be there of each request of each peer: once for every time it was accepted as a whole. */
      const wanted = new Map<string, number>();
      /** Refused for good half-way: whoever took it keeps it, and nobody may ask again for that try. */
      const settle = (peer: number, text: number, verdict: Verdict) => {
        for (const name of LEAVES) {
          const key = `${name} ${peer} ${text}`;
          const isDone = verdict.status === 'accepted';
          const count = tree.taken.get(key) ?? 0;
          const before = wanted.get(key) ?? 0;
          if (isDone) expect(count, key).toBe(before + 1);
          else expect(count - before, key).toBeLessThanOrEqual(1);
          if (isDone || (verdict.status === 'refused' && !verdict.retryable)) wanted.set(key, count);
        }
      };
      for (const one of steps) {
        settle(one.peer, one.text, await tree.send(one));
        assertAccounts(Object.values(tree.accounts), { drained: true });
      }
      const calm = { a: 'takes', b: 'takes', c: 'takes', d: 'takes', e: 'takes' } as const;
      for (const { peer, text } of steps) {
        const last = await tree.send({ peer, text, moods: calm, later: [], lent: false });
        expect(last).toEqual(ACCEPTED);
        settle(peer, text, last);
      }
      expect(tree.deps.metrics.renderPrometheus()).toMatch(/^sluice_retry_memory_bytes 0$/m);
    }),
    { numRuns: 300 },
  );
});
