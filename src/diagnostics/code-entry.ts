/** What `sluice explain CODE` shows. Codes are stable and never reused. */
export interface CodeEntry {
  readonly code: string;
  readonly title: string;
  readonly severity: 'error' | 'warning';
  readonly explanation: string;
  /** What leads to it. */
  readonly example: string;
  /** The example set right. */
  readonly fixed?: string;
  readonly fix: string;
}
