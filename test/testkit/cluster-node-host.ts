import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NODE_ADDRESS, NODE_BRIDGE, NODE_DATA, NODE_STATE } from './cluster-node-config.ts';
import { SERVICE_CIDR } from './control-plane-flags.ts';

/** Takes a node off this machine; see the script. */
export const CLEANUP_SCRIPT = join(import.meta.dirname, 'cluster-node-cleanup.sh');

/** Kernel settings that a kubelet, kube-proxy or a bridge changes, with what the node needs of them. */
const KERNEL_SETTINGS: Readonly<Record<string, string | undefined>> = {
  '/proc/sys/net/ipv4/ip_forward': '1',
  // Else answers between two pods of the bridge would go past the translation of Service addresses.
  '/proc/sys/net/bridge/bridge-nf-call-iptables': '1',
  '/proc/sys/vm/overcommit_memory': undefined,
  '/proc/sys/vm/panic_on_oom': undefined,
  '/proc/sys/kernel/panic': undefined,
  '/proc/sys/kernel/panic_on_oops': undefined,
  '/proc/sys/kernel/keys/root_maxkeys': undefined,
  '/proc/sys/kernel/keys/root_maxbytes': undefined,
};

/** Where containerd, its plugins and the kubelet write whatever they are told; what was not there before is removed. */
const STRAY_FOLDERS = [
  '/opt/containerd',
  '/run/containerd',
  '/var/lib/cni',
  '/var/lib/kubelet',
  '/var/log/containers',
  '/var/log/pods',
];

/** Removes what is left of an earlier node and makes the folders, the bridge and the kernel settings of the next one. */
export function prepareHost(): void {
  refuseOnRealNode();
  cleanHost();
  for (const folder of [NODE_STATE, NODE_DATA, `${NODE_DATA}/volumes`])
    mkdirSync(folder, { mode: 0o700, recursive: true });
  writeFileSync(
    join(NODE_STATE, 'absent-folders'),
    STRAY_FOLDERS.filter(isEmptyFolder)
      .map((path) => `${path}\n`)
      .join(''),
  );
  const settings = Object.entries(KERNEL_SETTINGS).filter(([path]) => existsSync(path));
  const before = settings.map(([path]) => `${path} ${readFileSync(path, 'utf8').trim()}\n`);
  writeFileSync(join(NODE_STATE, 'kernel-settings'), before.join(''));
  for (const [path, value] of settings) if (value !== undefined) writeFileSync(path, value);
  command('ip', ['link', 'add', NODE_BRIDGE, 'type', 'bridge']);
  command('ip', ['address', 'add', `${NODE_ADDRESS}/24`, 'dev', NODE_BRIDGE]);
  command('ip', ['link', 'set', NODE_BRIDGE, 'up']);
  // The machine's own processes reach Services, too, even one without a default route.
  command('ip', ['route', 'add', SERVICE_CIDR, 'dev', NODE_BRIDGE]);
}

export function cleanHost(): void {
  command('sh', [CLEANUP_SCRIPT]);
}

/** A machine that is a node already has chains and control groups of the same names. */
function refuseOnRealNode(): void {
  for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    let commandLine: string;
    try {
      if (readFileSync(`/proc/${id}/comm`, 'utf8').trim() !== 'kubelet') continue;
      commandLine = readFileSync(`/proc/${id}/cmdline`, 'utf8');
    } catch {
      // Ended while we looked.
      continue;
    }
    // One that was killed has no command line, for as long as nobody has asked how it ended.
    if (commandLine !== '' && !commandLine.includes(NODE_DATA))
      throw new Error(`this machine is a node of a cluster: kubelet is process ${id}`);
  }
}

function isEmptyFolder(path: string): boolean {
  return !existsSync(path) || readdirSync(path).length === 0;
}

function command(program: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed: ${error?.message ?? stderr}`);
}
