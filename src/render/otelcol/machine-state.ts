import type { Workload } from '../../topology/index.ts';
import type { StateFolders } from './rendered-config.ts';

/** A folder of one machine for queues and dead letters. */
export interface MachineFolder {
  readonly folder: string;
  /** Whose they are, where several share the folder: pipelines of two projects may have the same name. */
  readonly project?: string;
}

/** Folders in it for a workload. A pipeline may have a queue in the entry and one in its dispatcher. */
export function machineState({ folder, project }: MachineFolder, { role }: Pick<Workload, 'role'>): StateFolders {
  const own = project === undefined ? '' : `/${project}`;
  const queues = `${folder}/queues${own}`;
  return { queues: role === 'entry' ? `${queues}/otlp-entry` : queues, deadLetters: `${folder}/dead-letters${own}` };
}
