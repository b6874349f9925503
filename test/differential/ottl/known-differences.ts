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
      'log: UserAgent(attributes["s"])',
      'log: UserAgent("curl/7.81.0")',
      'log: UserAgent("Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.0 Mobile/15E148 Safari/604.1")',
    ],
    reason: 'The engine has no UserAgent: it refuses such a statement.',
  },
  {
    cases: [
      'log: Format("%v|%s", [attributes["v"], attributes["s"]])',
      'log: Format("%v %v", [attributes["m"], attributes["l"]])',
    ],
    reason: 'Of a map or list Format writes in the Collector where in memory it lies; the engine writes its JSON.',
  },
  {
    cases: ['log: set(cache, attributes); delete_key(cache, "s"); set(attributes["rest"], Len(cache))'],
    reason:
      'Where a key stands twice, which OTLP forbids, the Collector changes each entry where it stands; the engine takes the first for the key and the last for its value.',
  },
  {
    cases: ['log: append(attributes["new"], [attributes["s"]])'],
    reason: 'A list that is written with paths or functions in it is no element for append in the engine: it fails.',
  },
  {
    cases: ['span: set(events, events)'],
    reason: 'Events that are set to themselves are gone in the Collector.',
  },
  {
    cases: ['log: Log(attributes["v"])'],
    reason: 'Of numbers below 2^-1022 the Collector computes another logarithm on amd64: -709 for the smallest.',
  },
  {
    cases: ['generated log: set(attributes["x"], body)', 'generated log: flatten(attributes)'],
    reason:
      'References to the dictionary of profiles (key_strindex) mean nothing outside of them: the engine does not copy them with a value.',
  },
];

/** A configuration that only one of the two starts with. */
export interface RefusalDifference extends KnownDifference {
  readonly refusedBy: { readonly collector: boolean; readonly engine: boolean };
}

export const REFUSED_BY_ONE: readonly RefusalDifference[] = [
  {
    cases: ['filter traces: no list'],
    refusedBy: { collector: false, engine: true },
    reason: 'The Collector takes one text for a list of one; the engine wants a list.',
  },
];
