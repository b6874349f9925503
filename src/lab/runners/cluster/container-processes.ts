import { readdirSync, readFileSync } from 'node:fs';

/** SIGKILL to every process of a container of this machine, as a crash is; `id` as the status of its Pod has it. Throws where there is none. */
export function killContainer(id: string): void {
  const pids = processesOf(id);
  if (pids.length === 0)
    throw new Error(
      `the container ${id} does not run on this machine; run the lab on the node of the cluster, as root`,
    );
  for (const pid of pids) process.kill(pid, 'SIGKILL');
}

/** Whatever drives control groups, their names end in the id of the container. */
function processesOf(id: string): readonly number[] {
  const name = id.replace(/^.*:\/\//, '');
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => groupsOf(pid).includes(name));
}

function groupsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch {
    // It ended while it was looked at.
    return '';
  }
}
