import {
  type Condition,
  type KubeClient,
  type KubeObject,
  type ResourceType,
  withCondition,
} from '../../kube/index.ts';
import type { ToldCondition } from '../conditions/pipeline-conditions.ts';

/** The status of a custom resource, beside its conditions. */
export type StatusFields = Readonly<Record<string, unknown>>;

export interface WrittenStatus {
  /** What it was before. */
  readonly before: readonly Condition[];
  readonly after: readonly Condition[];
  readonly isWritten: boolean;
}

export interface StatusOptions {
  readonly client: KubeClient;
  readonly type: ResourceType;
  readonly nowMs: number;
  readonly conditions: readonly ToldCondition[];
  /** Undefined: it is taken away. */
  readonly fields: StatusFields;
}

export function conditionsOf(object: KubeObject): readonly Condition[] {
  const { conditions } = (object['status'] ?? {}) as { readonly conditions?: readonly Condition[] };
  return conditions ?? [];
}

/** Writes the status subresource if something in it differs, and nothing otherwise. Times move only with a status. */
export async function writeStatus(object: KubeObject, options: StatusOptions): Promise<WrittenStatus> {
  const { client, type, nowMs, conditions, fields } = options;
  const before = conditionsOf(object);
  const { generation: observedGeneration = 0 } = object.metadata;
  const types = new Set(conditions.map((condition) => condition.type));
  let after: readonly Condition[] = before.filter((condition) => types.has(condition.type));
  for (const condition of conditions) after = withCondition(after, { ...condition, observedGeneration }, nowMs);
  const status = (object['status'] ?? {}) as StatusFields;
  const wanted: StatusFields = { ...fields, observedGeneration, conditions: after };
  const changed = Object.entries(wanted).filter(([key, value]) => !isSame(status[key], value));
  if (changed.length === 0) return { before, after: before, isWritten: false };
  const patch = Object.fromEntries(changed.map(([key, value]) => [key, mergeable(status[key], value)]));
  // Of this version: what was read may be older than what was written last, and then times and events would be wrong.
  const { resourceVersion } = object.metadata;
  await client.mergePatch(type, object.metadata, { metadata: { resourceVersion }, status: patch }, 'status');
  return { before, after, isWritten: true };
}

/** A merge patch that leads from one value to the other: what is gone is null. */
function mergeable(before: unknown, after: unknown): unknown {
  if (after === undefined) return null;
  if (!isObject(before) || !isObject(after)) return after;
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return Object.fromEntries([...keys].map((key) => [key, mergeable(before[key], after[key])]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSame(a: unknown, b: unknown): boolean {
  return sortedText(a) === sortedText(b);
}

function sortedText(value: unknown): string {
  return (
    JSON.stringify(value, (_key, part: unknown) =>
      typeof part === 'object' && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
        : part,
    ) ?? ''
  );
}
