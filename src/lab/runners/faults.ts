import { writeFileSync } from 'node:fs';
import { parseSinkMode } from '../../load/index.ts';
import type { Fault, RunPlan } from '../run.ts';
import type { GatewayUnit } from './configurations.ts';
import type { ControlGroup } from './control-group.ts';
import type { Deployment } from './deployment.ts';
import type { SinkProcess } from './load-process.ts';
import { pipelineKey } from './manifests.ts';
import type { SmallDisk } from './small-disk.ts';

export interface FaultContext {
  readonly plan: RunPlan;
  readonly deployment: Deployment;
  readonly sinks: ReadonlyMap<string, SinkProcess>;
  readonly disk: SmallDisk | undefined;
  readonly memoryGroup: ControlGroup | undefined;
}

/** A process that was killed comes back after so long. */
const BACK_AFTER_MS = 1000;

/** Throws when a plan names a mode or a target that there is not. */
export function checkFaults({ faults, backends }: RunPlan): void {
  for (const { name, mode } of backends) modeOf(mode, `backend ${name}`);
  for (const fault of faults) {
    if (fault.kind !== 'backend') continue;
    modeOf(fault.mode ?? '', `fault at ${fault.target}`);
    if (!backends.some(({ name }) => name === fault.target)) throw new Error(`there is no backend \`${fault.target}\``);
  }
}

export function modeOf(text: string, where: string) {
  const mode = parseSinkMode(text);
  if (mode === undefined) throw new Error(`${where}: \`${text}\` is no mode of \`sluice sink\``);
  return mode;
}

/** Resolves when it is done: a rolling restart takes as long as its replicas take. */
export async function inject(fault: Fault, context: FaultContext): Promise<void> {
  const { deployment, sinks, disk, memoryGroup, plan } = context;
  switch (fault.kind) {
    case 'backend':
      return sinks.get(fault.target)!.setMode(modeOf(fault.mode ?? '', fault.target));
    case 'fill-disk':
      return disk!.fill();
    case 'free-disk':
      return disk!.free();
    case 'squeeze-memory':
      return memoryGroup!.limit(Math.round(plan.memoryBytes / 2));
    case 'kill':
      await Promise.all(targetsOf(fault, context).map((unit) => deployment.kill(unit, BACK_AFTER_MS)));
      return;
    case 'restart':
      // One after another, as a rolling update does.
      for (const unit of targetsOf(fault, context)) await deployment.restart(unit);
      return;
    case 'reload':
      for (const unit of targetsOf(fault, context)) await deployment.reload(unit, writeFileSync);
      return;
  }
}

/**
 * The processes that a fault names: `all`; `front`, those that take data from senders; the name of a backend, those that
 * send to it; or a workload. `#2` behind it means the second replica alone.
 */
export function targetsOf(
  { target }: Pick<Fault, 'target'>,
  context: Pick<FaultContext, 'plan' | 'deployment'>,
): readonly GatewayUnit[] {
  const [name, replica] = target.split('#');
  const { backends } = context.plan;
  const { units } = context.deployment;
  const backend = backends.find((one) => one.name === name);
  const meant = (unit: GatewayUnit) => {
    if (name === 'all') return true;
    if (name === 'front') return unit.front;
    if (backend !== undefined) return unit.pipelines.includes(pipelineKey(backend)) && sendsOut(unit, units);
    return unit.workload === name;
  };
  const found = units.filter((unit) => meant(unit) && (replica === undefined || unit.replica === Number(replica)));
  if (found.length > 0) return found;
  const names = [...new Set(units.map(({ workload }) => workload))].join(', ');
  throw new Error(`no process is meant by \`${target}\`; there are all, front, the backends, ${names}`);
}

/** An entry hands on what its dispatchers send: it is the front where others carry the same pipelines. */
function sendsOut(unit: GatewayUnit, units: readonly GatewayUnit[]): boolean {
  if (!unit.front) return true;
  return !units.some((other) => !other.front && other.pipelines.some((key) => unit.pipelines.includes(key)));
}
