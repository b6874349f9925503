import { type Clock, errorMessage, sleep, type Timer } from '../lib/index.ts';
import { isNotFound } from './api-error.ts';
import type { KubeClient } from './client.ts';
import type { KubeLog } from './log.ts';
import { microTime } from './micro-time.ts';
import { type KubeObject, keyOf, type ResourceType } from './object.ts';

/** Something worth telling whoever runs `kubectl describe`. */
export interface EventFacts {
  readonly regarding: KubeObject;
  /** Another object that has to do with it. */
  readonly related?: KubeObject;
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, at most 128 characters. */
  readonly reason: string;
  /** What was done or tried, CamelCase. */
  readonly action: string;
  /** A sentence; cut at 1024 bytes. No secret values. */
  readonly note: string;
}

export interface EventRecorderOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: KubeLog;
  /** `sluice.kyma-project.io/manager`: a qualified name. */
  readonly controller: string;
  /** Of this process: its Pod's name. */
  readonly instance: string;
}

export interface EventRecorder {
  /** Never throws and never waits. The same reason about the same object is a series, written at most once in five minutes. */
  record(event: EventFacts): void;
  /** Writes what waits, for at most a few seconds. */
  stop(): Promise<void>;
}

const EVENTS: ResourceType = {
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
};

/** The only namespace, beside kube-system, that the API takes for Events about cluster-scoped objects. */
const CLUSTER_NAMESPACE = 'default';
const SERIES_MS = 5 * 60_000;
/** Limits of the API. */
const NOTE_BYTES = 1024;
const NAME_BYTES = 128;
/** Of an object in the name of an Event, which has at most 253 characters. */
const NAME_LENGTH = 220;
const MAX_SERIES = 1000;
/** Writes under way; what comes beyond that waits for the next time its series is looked at. */
const MAX_WAITING = 100;
const STOP_MS = 3000;

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  return new SeriesRecorder(options);
}

/** What happened to one object for one reason: the Event that tells of it, and what is not in it yet. */
interface Series {
  /** Of the last time. */
  facts: EventFacts;
  lastMs: number;
  /** Times that no Event tells of yet. */
  newCount: number;
  event: { readonly name: string; readonly note: string; readonly count: number } | undefined;
  /** The last write, which the next one waits for. */
  writing: Promise<void>;
  timer: Timer | undefined;
}

class SeriesRecorder implements EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #series = new Map<string, Series>();
  readonly #writing = new Set<Promise<void>>();
  #isStopped = false;
  #nameCount = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  record(facts: EventFacts): void {
    if (this.#isStopped) return;
    const key = seriesKey(facts);
    const lastMs = this.#options.clock.nowMs();
    const known = this.#series.get(key);
    if (known !== undefined) {
      Object.assign(known, { facts, lastMs, newCount: known.newCount + 1 });
      return;
    }
    if (this.#series.size >= MAX_SERIES) this.#drop(this.#series.keys().next().value!);
    const series: Series = {
      facts,
      lastMs,
      newCount: 1,
      event: undefined,
      writing: Promise.resolve(),
      timer: undefined,
    };
    this.#series.set(key, series);
    this.#write(key, series);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const [key, series] of this.#series) {
      series.timer?.cancel();
      if (series.newCount > 0) this.#write(key, series);
    }
    const given = new AbortController();
    const late = sleep(this.#options.clock, STOP_MS, given.signal).catch(() => {});
    await Promise.race([Promise.all(this.#writing), late]);
    given.abort();
    for (const key of [...this.#series.keys()]) this.#drop(key);
  }

  #drop(key: string): void {
    this.#series.get(key)?.timer?.cancel();
    this.#series.delete(key);
  }

  /** Writes what is new, and looks again after the time of a series. */
  #write(key: string, series: Series): void {
    if (this.#writing.size >= MAX_WAITING) return this.#lookLater(key, series);
    const writing = series.writing
      .then(() => this.#send(series))
      .catch((error: unknown) => {
        const { reason, regarding } = series.facts;
        const fields = { reason, object: keyOf(regarding.metadata), error: errorMessage(error) };
        this.#options.log.warn('an Event could not be written', fields);
      })
      .finally(() => {
        this.#writing.delete(writing);
        this.#lookLater(key, series);
      });
    series.writing = writing;
    this.#writing.add(writing);
  }

  #lookLater(key: string, series: Series): void {
    if (this.#isStopped || this.#series.get(key) !== series) return;
    series.timer = this.#options.clock.after(SERIES_MS, () => {
      if (series.newCount > 0) this.#write(key, series);
      else this.#series.delete(key);
    });
  }

  async #send(series: Series): Promise<void> {
    const { facts, lastMs, newCount, event } = series;
    const { namespace = CLUSTER_NAMESPACE } = facts.regarding.metadata;
    series.newCount = 0;
    try {
      // The API lets nothing but the series of an Event change.
      const isSame = event !== undefined && event.note === facts.note;
      if (isSame && (await this.#extend(namespace, event.name, event.count + newCount, lastMs))) {
        series.event = { ...event, count: event.count + newCount };
        return;
      }
      series.event = await this.#create(namespace, facts, newCount, lastMs);
    } catch (error) {
      series.newCount += newCount;
      throw error;
    }
  }

  /** False where the Event is gone: they live for an hour. */
  async #extend(namespace: string, name: string, count: number, lastMs: number): Promise<boolean> {
    const patch = { series: { count, lastObservedTime: microTime(lastMs) } };
    try {
      await this.#options.client.mergePatch(EVENTS, { namespace, name }, patch);
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  async #create(namespace: string, facts: EventFacts, count: number, lastMs: number) {
    // Unique among all writers of Events about this object, as client-go names them.
    const about = facts.regarding.metadata.name.slice(0, NAME_LENGTH).replace(/[-.]+$/, '');
    const name = `${about}.${Math.round(lastMs).toString(16)}${(this.#nameCount++).toString(16)}`;
    await this.#options.client.create(EVENTS, this.#event({ name, count }, facts, { namespace, lastMs }));
    return { name, note: facts.note, count };
  }

  #event(
    { name, count }: { readonly name: string; readonly count: number },
    { regarding, related, type, reason, action, note }: EventFacts,
    { namespace, lastMs }: { readonly namespace: string; readonly lastMs: number },
  ): KubeObject {
    const { controller, instance } = this.#options;
    const time = microTime(lastMs);
    return {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name, namespace },
      eventTime: time,
      reportingController: controller,
      reportingInstance: cut(instance, NAME_BYTES),
      type,
      reason: cut(reason, NAME_BYTES),
      action: cut(action, NAME_BYTES),
      note: cut(note, NOTE_BYTES),
      regarding: referenceTo(regarding),
      ...(related !== undefined && { related: referenceTo(related) }),
      ...(count > 1 && { series: { count, lastObservedTime: time } }),
    };
  }
}

function seriesKey({ regarding, related, type, reason, action }: EventFacts): string {
  const of = (object: KubeObject | undefined) =>
    object && [object.kind, object.metadata.namespace, object.metadata.name, object.metadata.uid];
  return JSON.stringify([of(regarding), of(related), type, reason, action]);
}

/** Source: core/v1 ObjectReference. */
function referenceTo({ apiVersion, kind, metadata: { namespace, name, uid } }: KubeObject) {
  return { apiVersion, kind, name, ...(namespace !== undefined && { namespace }), ...(uid !== undefined && { uid }) };
}

/** At most so many bytes of UTF-8, and no half characters. */
function cut(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const mark = '…';
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(maxBytes - Buffer.byteLength(mark)));
  return text.slice(0, read) + mark;
}
