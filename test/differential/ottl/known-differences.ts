/** A case in which the engine differs from the Collector; asserted to differ still, so that the list shrinks. */
export interface KnownDifference {
  /** Names of cases in cases/. */
  readonly cases: readonly string[];
  /** Why it differs, and what a user sees of it. */
  readonly reason: string;
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    cases: ['log: otelcol.client.metadata["X-Case"]', 'log: otelcol.client.metadata["missing"]'],
    reason: 'The engine has no paths `otelcol`, which tell of the sender: it refuses such a statement.',
  },
  {
    cases: [
      'log: Format("%v|%s", [attributes["v"], attributes["s"]])',
      'log: Format("%v %v", [attributes["m"], attributes["l"]])',
    ],
    reason: 'Of a map or list Format writes in the Collector where in memory it lies; the engine writes its JSON.',
  },
];
