/** Source: meta/v1 Condition. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  /** CamelCase. */
  readonly reason: string;
  readonly message: string;
  /** RFC 3339, in seconds. */
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
}

const SUMMARY = 'Ready';

/**
 * `conditions` with this one in it. `lastTransitionTime` moves only when `status` changes; the order is kept, new ones go to the
 * end, and `Ready` stands first. Returns the same array where nothing changed, so that nothing is written then.
 */
export function withCondition(
  conditions: readonly Condition[],
  condition: Omit<Condition, 'lastTransitionTime'>,
  nowMs: number,
): readonly Condition[] {
  const before = conditions.find(({ type }) => type === condition.type);
  const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : rfc3339(nowMs);
  const after: Condition = { ...condition, lastTransitionTime };
  if (before !== undefined && isSame(before, after)) return conditions;
  const all = before === undefined ? [...conditions, after] : conditions.map((one) => (one === before ? after : one));
  return [...all.filter(({ type }) => type === SUMMARY), ...all.filter(({ type }) => type !== SUMMARY)];
}

function isSame(a: Condition, b: Condition): boolean {
  return (
    a.status === b.status &&
    a.reason === b.reason &&
    a.message === b.message &&
    a.observedGeneration === b.observedGeneration &&
    a.lastTransitionTime === b.lastTransitionTime
  );
}

/** Kubernetes' Time has seconds, and no fraction. */
function rfc3339(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
