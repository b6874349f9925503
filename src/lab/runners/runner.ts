import type { Clock } from '../../lib/index.ts';

/** What a runner needs of the machine it runs on. */
export interface RunnerOptions {
  /** The command line of Sluice: `['bin/sluice']`. It renders the configurations, whatever program runs them, and is the engine. */
  readonly sluice: readonly string[];
  /** The Collector's program, or why there is none: runs that ask for it are then refused with that sentence. */
  readonly otelcol: { readonly path: string } | { readonly missing: string };
  readonly clock: Clock;
  /** Holds configurations, queues on disk and logs of one run at a time; a folder of its own is made in it and taken away. */
  readonly folder: string;
  /** Leave the folder of each run where it is, and say where. */
  readonly keepFolders?: boolean;
}

/** What cannot be done here, such as a fault that needs rights this user lacks: to be shown as skipped, with the reason. */
export const RUN_SKIPPED = 'run_skipped';
