/** What `sluice explain REASON` shows: the word that a condition or a status gives as its cause. */
export interface ReasonEntry {
  readonly reason: string;
  /** The condition that carries it; `status` for the words of a running engine. */
  readonly condition: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly means: string;
  /** What leads to it, the likeliest first; empty where nothing is wrong. */
  readonly causes: readonly string[];
  /** Where to look next. */
  readonly look: readonly { readonly command: string; readonly shows: string }[];
  /** What happens to data, and to other pipelines. */
  readonly safe: string;
}
