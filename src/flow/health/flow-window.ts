import type { Signal } from '../../pdata/index.ts';
import type { FillingQueue, FlowFacts, GroupFacts } from './flow-facts.ts';
import { advance, type CarrierFigures, type FlowTrack, timeToFullMs, WINDOW_MS } from './flow-track.ts';
import type { IntakeFigures, MetricsSample } from './metrics-sample.ts';

/** Who said something. `takesData`: senders, or what is in front of it, push to it. */
export interface ObservedPod {
  readonly pod: string;
  readonly workload: string;
  readonly takesData: boolean;
}

/** Where the figures of a pipeline are. */
export interface FlowPlace {
  readonly workload: string;
  /** Ids of exporters, or aliases of Fluent Bit. */
  readonly exporters: readonly string[];
  readonly group: 'gateway' | 'agent';
  /** What it sends reaches the backend, in contrast to another workload. */
  readonly isLast: boolean;
  readonly isFluentBit: boolean;
  /** Whoever brings what its queues cannot take is told, and keeps it. */
  readonly refusesWhenFull: boolean;
}

export interface ObservedFlow {
  readonly signal: Signal;
  /** Empty: it is not part of what runs. */
  readonly places: readonly FlowPlace[];
  /** Workloads that refuse senders of its signal where it stops. */
  readonly intakes: readonly string[];
}

interface IntakeTrack {
  readonly figures: IntakeFigures;
  readonly lastAcceptedMs: number | undefined;
  readonly lastRefusedMs: number | undefined;
  readonly lastLimitedMs: number | undefined;
}

interface PodTracks extends ObservedPod {
  /** Undefined before it answered once. */
  answeredMs: number | undefined;
  /** Wall clock when it was no longer among those that run. */
  goneMs: number | undefined;
  readonly carriers: Map<string, FlowTrack>;
  readonly intakes: Map<Signal, IntakeTrack>;
  /** Exporters whose disk took nothing when it answered last. */
  failingDisks: ReadonlySet<string>;
}

/** Something waits and nothing is sent for so long: a request that is tried takes less. */
export const STUCK_MS = 25_000;
const FULL_MS = 30_000;
const UNDELIVERED_MS = 60_000;
/** A Pod that said nothing for so long is not known. */
export const STALE_MS = 60_000;
/** Upstream's limit of chunks on disk alone. */
const CHUNKS_DOWN = 300;

/**
 * The last minutes of all Pods. Bounded: a few numbers for each exporter of each Pod; a Pod that is gone is forgotten after the
 * window, until then what it lost counts.
 */
export class FlowWindow {
  readonly #pods = new Map<string, PodTracks>();

  /** Pods that run now. */
  expect(pods: readonly ObservedPod[], nowMs: number): void {
    const running = new Set(pods.map(({ pod }) => pod));
    for (const [name, tracks] of this.#pods) {
      if (running.has(name)) tracks.goneMs = undefined;
      else tracks.goneMs ??= nowMs;
      if (tracks.goneMs !== undefined && nowMs - tracks.goneMs > WINDOW_MS) this.#pods.delete(name);
    }
    for (const pod of pods) {
      if (this.#pods.has(pod.pod)) continue;
      const none = { answeredMs: undefined, goneMs: undefined, failingDisks: new Set<string>() };
      this.#pods.set(pod.pod, { ...pod, ...none, carriers: new Map(), intakes: new Map() });
    }
  }

  /** What one of them said; of a Pod that is not expected it is ignored. */
  add(pod: string, sample: MetricsSample): void {
    const tracks = this.#pods.get(pod);
    if (tracks === undefined) return;
    const { atMs, usage } = sample;
    const uptimeMs = usage.uptimeSeconds === undefined ? undefined : usage.uptimeSeconds * 1000;
    for (const [id, figures] of carriersOf(sample)) {
      tracks.carriers.set(id, advance(tracks.carriers.get(id), { atMs, figures, uptimeMs }));
    }
    // An exporter that a new configuration no longer has holds nothing any more.
    for (const [id, track] of tracks.carriers) if (track.atMs < atMs - WINDOW_MS) tracks.carriers.delete(id);
    for (const [signal, figures] of Object.entries(sample.intake) as [Signal, IntakeFigures][]) {
      tracks.intakes.set(signal, advanceIntake(tracks.intakes.get(signal), { atMs, figures, uptimeMs }));
    }
    const failing = Object.entries(sample.exporters).filter(([, { diskFailing = 0 }]) => diskFailing > 0);
    tracks.failingDisks = new Set(failing.map(([id]) => id));
    tracks.answeredMs = atMs;
  }

  /** What is true now of one pipeline. */
  factsOf(flow: ObservedFlow, nowMs: number): FlowFacts {
    const gateway = flow.places.filter(({ group }) => group === 'gateway');
    const agent = flow.places.filter(({ group }) => group === 'agent');
    const intakes = this.#intakesOf(flow);
    const throttled = throttledBy(intakes, nowMs);
    return {
      signal: flow.signal,
      ...(gateway.length === 0 ? {} : { gateway: this.#groupOf(gateway, nowMs) }),
      ...(agent.length === 0 ? {} : { agent: this.#groupOf(agent, nowMs) }),
      ...(throttled === undefined
        ? {}
        : { throttled: throttled === 'unknown' && this.#hasFailingDisk(gateway) ? 'disk' : throttled }),
      isSignalArriving: intakes.some(({ lastAcceptedMs }) => isRecent(lastAcceptedMs, nowMs)),
      agentIsFluentBit: agent.some(({ isFluentBit }) => isFluentBit),
    };
  }

  /** Whether the backend is worth asking: something waits that is not sent, or was lost. */
  isSuspicious(flow: ObservedFlow, nowMs: number): boolean {
    return this.#carriersOf(flow.places).some(
      (carrier) =>
        carrier.track.heldSinceMs !== undefined || carrier.track.fullSinceMs !== undefined || isLosing(carrier, nowMs),
    );
  }

  #hasFailingDisk(places: readonly FlowPlace[]): boolean {
    return places.some(({ workload, exporters }) =>
      [...this.#pods.values()].some(
        (pod) =>
          pod.workload === workload && pod.goneMs === undefined && exporters.some((id) => pod.failingDisks.has(id)),
      ),
    );
  }

  #intakesOf({ intakes, signal }: ObservedFlow): readonly IntakeTrack[] {
    return [...this.#pods.values()]
      .filter(({ workload, takesData }) => takesData && intakes.includes(workload))
      .flatMap((pod) => pod.intakes.get(signal) ?? []);
  }

  #carriersOf(places: readonly FlowPlace[]): readonly Carrier[] {
    return places.flatMap((place) =>
      [...this.#pods.values()]
        .filter(({ workload }) => workload === place.workload)
        .flatMap((pod) =>
          place.exporters.flatMap((id) => {
            const track = pod.carriers.get(id);
            return track === undefined ? [] : [{ pod: pod.pod, isGone: pod.goneMs !== undefined, place, track }];
          }),
        ),
    );
  }

  #groupOf(places: readonly FlowPlace[], nowMs: number): GroupFacts {
    const workloads = new Set(places.map(({ workload }) => workload));
    const running = [...this.#pods.values()].filter((pod) => workloads.has(pod.workload) && pod.goneMs === undefined);
    const carriers = this.#carriersOf(places);
    const here = carriers.filter(({ isGone }) => !isGone);
    return {
      podCount: running.length,
      answeringCount: running.filter(({ answeredMs }) => answeredMs !== undefined && nowMs - answeredMs <= STALE_MS)
        .length,
      ...lossOf(carriers, nowMs),
      ...fillingOf(here, nowMs),
      isUndelivered: here.some(
        ({ place, track }) => place.isFluentBit && lasts(track.unsentSinceMs, nowMs, UNDELIVERED_MS),
      ),
      isBufferInUse: here.some(({ place, track }) => place.isFluentBit && track.figures.chunksDown > CHUNKS_DOWN),
      hasDelivered: carriers.some(({ place, track }) => place.isLast && track.figures.sent > 0),
      ...newestActivity(carriers),
    };
  }
}

interface Carrier {
  readonly pod: string;
  readonly isGone: boolean;
  readonly place: FlowPlace;
  readonly track: FlowTrack;
}

function* carriersOf({ exporters, fluentBit }: MetricsSample): Iterable<readonly [string, CarrierFigures]> {
  for (const [id, { sent, sendFailed, enqueueFailed, queueSize, queueCapacity }] of Object.entries(exporters)) {
    yield [id, { sent, lost: sendFailed, notTaken: enqueueFailed, queueSize, queueCapacity, read: 0, chunksDown: 0 }];
  }
  for (const [alias, output] of Object.entries(fluentBit?.outputs ?? {})) {
    const input = fluentBit?.inputs[alias] ?? { bytes: 0, chunksDown: 0 };
    const lost = output.droppedRecords;
    // What waits is not told, only that some of it waits on disk: reading without sending shows the rest.
    yield [
      alias,
      {
        sent: output.sentRecords,
        lost,
        notTaken: 0,
        queueSize: 0,
        queueCapacity: 0,
        read: input.bytes,
        chunksDown: input.chunksDown,
      },
    ];
  }
}

interface IntakeLook {
  readonly atMs: number;
  readonly figures: IntakeFigures;
  readonly uptimeMs: number | undefined;
}

const NO_INTAKE: IntakeFigures = { accepted: 0, refused: 0, refusedByLimiter: 0 };

function advanceIntake(before: IntakeTrack | undefined, { atMs, figures, uptimeMs }: IntakeLook): IntakeTrack {
  const isYoung = uptimeMs !== undefined && uptimeMs <= WINDOW_MS;
  const known = before?.figures ?? (isYoung ? NO_INTAKE : figures);
  const isRestarted = figures.accepted < known.accepted || figures.refused < known.refused;
  const base = isRestarted ? NO_INTAKE : known;
  return {
    figures,
    lastAcceptedMs: figures.accepted > base.accepted ? atMs : before?.lastAcceptedMs,
    lastRefusedMs: figures.refused > base.refused ? atMs : before?.lastRefusedMs,
    lastLimitedMs: figures.refusedByLimiter > base.refusedByLimiter ? atMs : before?.lastLimitedMs,
  };
}

function throttledBy(intakes: readonly IntakeTrack[], nowMs: number): 'limiter' | 'unknown' | undefined {
  if (!intakes.some(({ lastRefusedMs }) => isRecent(lastRefusedMs, nowMs))) return undefined;
  return intakes.some(({ lastLimitedMs }) => isRecent(lastLimitedMs, nowMs)) ? 'limiter' : 'unknown';
}

function isRecent(atMs: number | undefined, nowMs: number): boolean {
  return atMs !== undefined && nowMs - atMs <= WINDOW_MS;
}

function lasts(sinceMs: number | undefined, nowMs: number, atLeastMs: number): boolean {
  return sinceMs !== undefined && nowMs - sinceMs >= atLeastMs;
}

function isLosing({ place, track }: Carrier, nowMs: number): boolean {
  return isRecent(track.lastLostMs, nowMs) || (!place.refusesWhenFull && isRecent(track.lastNotTakenMs, nowMs));
}

function isSending({ place, track }: Carrier, nowMs: number): boolean {
  return place.isLast && isRecent(track.lastSentMs, nowMs);
}

function lossOf(carriers: readonly Carrier[], nowMs: number): Pick<GroupFacts, 'loss' | 'losingPod'> {
  const losing = carriers.filter((carrier) => isLosing(carrier, nowMs));
  if (losing.length === 0) return { loss: 'none' };
  const sending = carriers.filter((carrier) => isSending(carrier, nowMs));
  if (sending.length === 0) return { loss: 'all' };
  const pods = new Set(losing.map(({ pod }) => pod));
  const [only] = pods;
  const isOnlyOne = pods.size === 1 && sending.every(({ pod }) => pod !== only);
  return { loss: 'some', ...(isOnlyOne ? { losingPod: only! } : {}) };
}

function fillingOf(carriers: readonly Carrier[], nowMs: number): Pick<GroupFacts, 'filling' | 'fillingPod'> {
  // Each with the queue at hand: nothing gets out, or it is nearly full although something does.
  const filling = carriers.filter(
    ({ track }) => lasts(track.heldSinceMs, nowMs, STUCK_MS) || lasts(track.fullSinceMs, nowMs, FULL_MS),
  );
  if (filling.length === 0) return {};
  const times = filling.flatMap(({ track }) => timeToFullMs(track) ?? []);
  const queue: FillingQueue = {
    refuses: filling.every(({ place }) => place.refusesWhenFull),
    isStuck: filling.every(({ track }) => lasts(track.heldSinceMs, nowMs, STUCK_MS)),
    ...(times.length === 0 ? {} : { fullInMs: Math.min(...times) }),
  };
  const [only, ...others] = new Set(filling.map(({ pod }) => pod));
  const isOnlyOne =
    others.length === 0 && carriers.some(({ pod, track }) => pod !== only && track.lastSentMs !== undefined);
  return { filling: queue, ...(isOnlyOne ? { fillingPod: only! } : {}) };
}

function newestActivity(carriers: readonly Carrier[]): Pick<GroupFacts, 'lastActiveMs'> {
  const times = carriers.flatMap(({ track }) => track.lastActiveMs ?? []);
  return times.length === 0 ? {} : { lastActiveMs: Math.max(...times) };
}
