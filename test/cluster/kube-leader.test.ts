import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createInformer, createLeaderElector, createObjectApplier, type KubeClient } from '../../src/kube/index.ts';
import { systemClock } from '../../src/lib/index.ts';
import { type ControlPlane, requireControlPlane, startControlPlane } from '../testkit/control-plane.ts';
import { CONFIG_MAPS, configMap, kubeClient, LEASES, recordedLog, requestsSince } from '../testkit/kube.ts';
import { type FaultProxy, startFaultProxy } from '../testkit/kube-fault-proxy.ts';
import { waitFor } from '../testkit/wait-for.ts';

const peer = requireControlPlane();
const skipNote = peer.status === 'missing' ? ` (skipped: ${peer.reason})` : '';

const FAST = { leaseDurationMs: 3000, renewDeadlineMs: 2000, retryPeriodMs: 300 } as const;

interface LeaseSpec {
  readonly holderIdentity: string;
  readonly leaseTransitions: number;
  readonly acquireTime: string;
  readonly renewTime: string;
}

describe.skipIf(peer.status === 'missing')(`leader election${skipNote}`, () => {
  let plane: ControlPlane;
  let proxy: FaultProxy;
  let client: KubeClient;
  let faulty: KubeClient;
  let name = '';
  let nameCount = 0;

  beforeAll(async () => {
    plane = await startControlPlane({ controllerManager: false, scheduler: false });
    proxy = await startFaultProxy(plane);
    client = await kubeClient(plane.kubeconfig);
    faulty = await kubeClient(proxy.kubeconfig);
  });
  afterAll(async () => {
    await client?.close();
    await faulty?.close();
    await proxy?.stop();
    await plane?.stop();
  });
  beforeEach(() => {
    proxy.fail(0, []);
    proxy.setOffline(false);
    name = `leader-${nameCount++}`;
  });

  const candidate = (identity: string, through: KubeClient, events: string[], timing: object = FAST) => {
    const elector = createLeaderElector({
      client: through,
      clock: systemClock,
      log: recordedLog(),
      namespace: 'default',
      name,
      identity,
      ...timing,
      onStartedLeading(signal) {
        events.push(`${identity} leads`);
        signal.addEventListener('abort', () => events.push(`${identity} must stop`));
      },
      onStoppedLeading() {
        events.push(`${identity} stopped`);
      },
    });
    onTestFinished(() => elector.stop());
    elector.start();
    return elector;
  };
  const spec = async () => (await client.get(LEASES, { namespace: 'default', name }))!['spec'] as LeaseSpec;

  it('lets one of several lead, and the next at once when it stops', async () => {
    const events: string[] = [];
    const first = candidate('first', client, events);
    await waitFor('the first leads', () => first.isLeader);
    const second = candidate('second', client, events);
    await new Promise((resolve) => setTimeout(resolve, FAST.leaseDurationMs + 1000));
    expect([first.isLeader, second.isLeader, second.leader]).toEqual([true, false, 'first']);
    const stoppedMs = performance.now();
    await first.stop();
    await waitFor('the second leads', () => second.isLeader);
    expect(performance.now() - stoppedMs).toBeLessThan(FAST.leaseDurationMs);
    expect(events).toEqual(['first leads', 'first must stop', 'first stopped', 'second leads']);
    // One for the release and one for the handover, as client-go counts them.
    expect(await spec()).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 });
  });

  it('stops a leader that is cut off before another one starts', async () => {
    const events: string[] = [];
    const first = candidate('first', faulty, events);
    await waitFor('the first leads', () => first.isLeader);
    const second = candidate('second', client, events);
    await waitFor('the second knows', () => second.leader === 'first');
    proxy.setOffline(true);
    await waitFor('the second leads', () => second.isLeader, { timeoutMs: 15_000 });
    expect(events).toEqual(['first leads', 'first must stop', 'first stopped', 'second leads']);
    proxy.setOffline(false);
    await waitFor('the first knows', () => first.leader === 'second');
    expect(first.isLeader).toBe(false);
  });

  it('stops a leader whose requests hang', async () => {
    const events: string[] = [];
    const first = candidate('first', faulty, events);
    await waitFor('the first leads', () => first.isLeader);
    const second = candidate('second', client, events);
    await waitFor('the second knows', () => second.leader === 'first');
    proxy.fail(1, ['hang']);
    await waitFor('the second leads', () => second.isLeader, { timeoutMs: 15_000 });
    expect(events).toEqual(['first leads', 'first must stop', 'first stopped', 'second leads']);
    proxy.cut();
  });

  it('does not care what time others think it is', async () => {
    const events: string[] = [];
    const skewed = (ms: number) => ({ ...systemClock, nowMs: () => Date.now() + ms });
    const first = candidate('first', client, events, { ...FAST, clock: skewed(-3_600_000) });
    await waitFor('the first leads', () => first.isLeader);
    const second = candidate('second', client, events, { ...FAST, clock: skewed(3_600_000) });
    await new Promise((resolve) => setTimeout(resolve, FAST.leaseDurationMs + 1500));
    expect([events, second.leader]).toEqual([['first leads'], 'first']);
  });

  it('stops in time though nothing answers', async () => {
    const first = candidate('first', faulty, []);
    await waitFor('the first leads', () => first.isLeader);
    proxy.fail(1, ['hang']);
    const beganMs = performance.now();
    await first.stop();
    expect(performance.now() - beganMs).toBeLessThan(FAST.renewDeadlineMs);
    proxy.cut();
  });

  it('keeps leading while all other requests hang', async () => {
    const events: string[] = [];
    const own = await kubeClient(proxy.kubeconfig);
    onTestFinished(() => own.close());
    const first = candidate('first', own, events);
    await waitFor('the first leads', () => first.isLeader);
    proxy.fail(1, ['hang'], ({ path }) => path.includes('/configmaps'));
    const hanging = Array.from({ length: 100 }, () => own.get(CONFIG_MAPS, { namespace: 'default', name: 'x' }));
    for (const one of hanging) one.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 2 * FAST.renewDeadlineMs));
    expect(events).toEqual(['first leads']);
  });

  it('says once why it cannot lead', async () => {
    const log = recordedLog();
    const elector = createLeaderElector({
      client,
      clock: systemClock,
      log,
      namespace: 'none',
      name,
      identity: 'first',
      ...FAST,
      onStartedLeading() {},
    });
    onTestFinished(() => elector.stop());
    elector.start();
    await new Promise((resolve) => setTimeout(resolve, 4 * FAST.retryPeriodMs));
    expect(log.lines).toEqual([
      expect.stringMatching(/^warn the Lease cannot be read or written .*namespaces .*not found/),
    ]);
  });

  it('keeps leading through conflicts, errors and lost answers now and then', async () => {
    const events: string[] = [];
    proxy.fail(0.3, ['conflict', 'broken', 'reset', 'lost']);
    const first = candidate('first', faulty, events, {
      leaseDurationMs: 6000,
      renewDeadlineMs: 5000,
      retryPeriodMs: 200,
    });
    await waitFor('the first leads', () => first.isLeader);
    await new Promise((resolve) => setTimeout(resolve, 8000));
    expect(events).toEqual(['first leads']);
  });

  it('never lets a process lead that was paused for longer than its Lease, not even when it wakes up', async () => {
    const module = (path: string) => JSON.stringify(join(import.meta.dirname, path));
    const script = `
      import { connectKube, createLeaderElector } from ${module('../../src/kube/index.ts')};
      import { systemClock } from ${module('../../src/lib/index.ts')};
      const { client } = await connectKube({ kubeconfig: ${JSON.stringify(plane.kubeconfig)}, env: {}, clock: systemClock });
      const log = { info() {}, warn() {}, error() {} };
      const say = (what) => console.log(what + ' ' + performance.timeOrigin + ' ' + performance.now());
      const elector = createLeaderElector({
        client, log, clock: systemClock, namespace: 'default', name: ${JSON.stringify(name)}, identity: 'paused',
        ...${JSON.stringify(FAST)},
        onStartedLeading: () => say('leads'),
        onStoppedLeading: () => say('stopped'),
      });
      elector.start();
      // Writes of a leader, as a controller would make them.
      let wrote = 0;
      setInterval(() => { if (elector.isLeader) console.log('writes ' + wrote++); }, 20);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const lines: string[] = [];
    createInterface(child.stdout).on('line', (line) => lines.push(line));
    await waitFor('the process leads', () => lines.some((line) => line.startsWith('writes')), { timeoutMs: 20_000 });
    const events: string[] = [];
    const second = candidate('second', client, events);
    await waitFor('the second knows', () => second.leader === 'paused');
    child.kill('SIGSTOP');
    await waitFor('the second leads', () => second.isLeader, { timeoutMs: 15_000 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    const before = lines.length;
    child.kill('SIGCONT');
    await waitFor('it stopped', () => lines.some((line) => line.startsWith('stopped')));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(lines.slice(before).filter((line) => line.startsWith('writes'))).toEqual([]);
    expect(events).toEqual(['second leads']);
  });

  it('writes nothing but its Lease while nothing changes', async () => {
    const own = await kubeClient(plane.kubeconfig);
    onTestFinished(() => own.close());
    const log = recordedLog();
    const current = createInformer({ client: own, type: CONFIG_MAPS, clock: systemClock, log });
    onTestFinished(() => current.stop());
    current.start();
    await current.whenSynced();
    const applier = createObjectApplier({
      client: own,
      log,
      fieldManager: 'sluice-test',
      ownerLabels: { 'sluice.test/owner': 'idle' },
      types: [{ type: CONFIG_MAPS, current }],
    });
    const leader = candidate('idle', own, []);
    await waitFor('it leads', () => leader.isLeader);
    const desired = [configMap('default', 'idle', { a: '1' })];
    await applier.apply(desired);
    await waitFor('it is known', () => current.get({ namespace: 'default', name: 'idle' }) !== undefined);
    const sent = requestsSince(own);
    for (let i = 0; i < 30; i++) {
      expect((await applier.apply(desired)).changed).toBe(false);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(Object.keys(sent())).toEqual(['update leases']);
    expect(sent()['update leases']).toBeLessThanOrEqual(11);
  });
});
