/** A workload that runs although nothing wants it any more. */
export interface LeavingWorkload {
  readonly workload: string;
  /** Some Pod of it may still be given requests by the single endpoint. */
  readonly isEndpoint: boolean;
  /** It collects by itself, so nobody is refused when it goes, and what is deleted must not be collected any longer. */
  readonly isAgent: boolean;
}

export interface HandoverFacts {
  /** All that shall run in its place does. */
  readonly replaced: boolean;
  readonly leaving: readonly LeavingWorkload[];
  /** Names of those that were released before. */
  readonly released: ReadonlySet<string>;
}

/**
 * The workloads that may go, or give up their input: first what stands at the endpoint, once its successor is ready; what is behind
 * it only when no request can come through the old way any more. So no sender ever meets a closed door. Agents have no
 * senders.
 */
export function releasedWorkloads({ replaced, leaving, released }: HandoverFacts): ReadonlySet<string> {
  const doors = leaving.filter(({ isEndpoint }) => isEndpoint).map(({ workload }) => workload);
  const mayGo = ({ workload, isEndpoint, isAgent }: LeavingWorkload) =>
    released.has(workload) || isAgent || (replaced && (isEndpoint || doors.length === 0));
  return new Set(leaving.filter(mayGo).map(({ workload }) => workload));
}
