import type { Signal } from '../../pdata/index.ts';

/** Who counts as one sender: an address, or the service whose data it is. */
export type SenderKind = 'peer' | 'service';

/** How senders share what is limited; of the extension `sluice_admission`. */
export interface AdmissionSettings {
  readonly by: SenderKind;
  /** 1 to 10; what counts is how they compare with each other. */
  readonly priority: Readonly<Record<Signal, number>>;
}

export const defaultAdmission: AdmissionSettings = { by: 'peer', priority: { traces: 1, metrics: 1, logs: 1 } };

/** The part of a share that each signal has: 1 for the one of the highest priority. */
export function weightsOf({ priority }: AdmissionSettings): Readonly<Record<Signal, number>> {
  const highest = Math.max(...Object.values(priority));
  return {
    traces: priority.traces / highest,
    metrics: priority.metrics / highest,
    logs: priority.logs / highest,
  };
}
