import type { Clock, Timer } from '../../../lib/index.ts';
import type { KnownPod } from './known-pod.ts';

/** Data of a Pod that is gone may still be on its way. Source: internal/kube at 0.149. */
const GRACE_MS = 120_000;
const SWEEP_MS = 30_000;

interface Leaving {
  readonly key: string;
  readonly uid: string;
  readonly atMs: number;
}

/** Pods by what data may say of them. An address that two Pods have had belongs to the one that started last. */
export class PodTable {
  readonly #clock: Clock;
  readonly #pods = new Map<string, KnownPod>();
  readonly #keys = new Map<string, readonly string[]>();
  #leaving: Leaving[] = [];
  #timer: Timer | undefined;
  #version = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Keys under which a Pod can be found, those of Pods that went a moment ago among them. */
  get size(): number {
    return this.#pods.size;
  }

  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  get(key: string): KnownPod | undefined {
    return this.#pods.get(key);
  }

  put(pod: KnownPod, keys: readonly string[]): void {
    this.#version++;
    for (const key of keys) {
      const holder = this.#pods.get(key);
      if (holder === undefined || !startedBefore(pod, holder)) this.#pods.set(key, pod);
    }
    const former = this.#keys.get(pod.uid)?.filter((key) => !keys.includes(key)) ?? [];
    this.#keys.set(pod.uid, keys);
    this.#leave(pod.uid, former);
  }

  remove({ uid }: KnownPod): void {
    const keys = this.#keys.get(uid) ?? [];
    this.#keys.delete(uid);
    this.#leave(uid, keys);
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #leave(uid: string, keys: readonly string[]): void {
    const atMs = this.#clock.monotonicMs() + GRACE_MS;
    for (const key of keys) this.#leaving.push({ key, uid, atMs });
    if (this.#leaving.length > 0) this.#timer ??= this.#clock.after(SWEEP_MS, () => this.#sweep());
  }

  #sweep(): void {
    this.#timer = undefined;
    this.#version++;
    const nowMs = this.#clock.monotonicMs();
    // In the order of time.
    const due = this.#leaving.findIndex(({ atMs }) => atMs > nowMs);
    const gone = this.#leaving.splice(0, due < 0 ? this.#leaving.length : due);
    for (const { key, uid } of gone) {
      // Another Pod may have the address by now, and the same Pod may have it again.
      const isHeld = this.#keys.get(uid)?.includes(key) === true;
      if (!isHeld && this.#pods.get(key)?.uid === uid) this.#pods.delete(key);
    }
    if (this.#leaving.length > 0) this.#timer = this.#clock.after(SWEEP_MS, () => this.#sweep());
  }
}

function startedBefore(pod: KnownPod, other: KnownPod): boolean {
  return pod.startedMs !== undefined && other.startedMs !== undefined && pod.startedMs < other.startedMs;
}
