import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeObject } from '../../src/kube/index.ts';
import { installBundle } from '../../src/operator/install/install-bundle.ts';
import { SLUICE_RUN } from '../../testbed/image/images.ts';
import { writeProgram } from '../../testbed/image/program.ts';
import type { ControlPlane } from '../testkit/control-plane.ts';
import { type Readiness, type RunningProcess, startProcess } from '../testkit/process.ts';
import type { Home } from '../testkit/sluice.ts';

/** What the API server writes down of the requests of one user. */
export interface AuditLog {
  readonly apiServerFlags: readonly string[];
  /** `update leases` → 6: since the last call; watches when they end. */
  requests(): Readonly<Record<string, number>>;
  remove(): void;
}

interface AuditEvent {
  readonly verb: string;
  /** Absent: a path that is no object's. */
  readonly objectRef?: { readonly resource: string; readonly subresource?: string | undefined };
}

export function createAuditLog(user: string): AuditLog {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-audit-'));
  const [policy, log] = [join(folder, 'policy.json'), join(folder, 'audit.log')];
  const rules = [{ level: 'Metadata', users: [user] }, { level: 'None' }];
  const kind = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy' };
  writeFileSync(policy, JSON.stringify({ ...kind, omitStages: ['RequestReceived', 'ResponseStarted'], rules }));
  writeFileSync(log, '');
  let read = 0;
  return {
    apiServerFlags: [`--audit-policy-file=${policy}`, `--audit-log-path=${log}`],
    requests() {
      const text = readFileSync(log, 'utf8');
      const end = text.lastIndexOf('\n') + 1;
      const lines = text.slice(read, end).split('\n').slice(0, -1);
      read = end;
      const counts: Record<string, number> = {};
      for (const line of lines) {
        const { verb, objectRef: { resource, subresource } = { resource: 'path' } } = JSON.parse(line) as AuditEvent;
        const name = `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`;
        counts[name] = (counts[name] ?? 0) + 1;
      }
      return counts;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const ACCOUNT_FOLDER = '/run/secrets/kubernetes.io/serviceaccount';

export interface PodOptions {
  readonly namespace: string;
  /** Made here, and allowed everything. */
  readonly account: string;
  readonly home: Home;
  /** Of Sluice. */
  readonly args: readonly string[];
  readonly ready: Readiness;
}

/**
 * Runs Sluice as the installation does: the program of the image, with its options of Node and the files of a service account, so that
 * it loads no more than in a Pod, neither a library for kubeconfigs nor a compiler. A mount namespace of its own has the files.
 */
export async function startInPod(
  plane: ControlPlane,
  { namespace, account: name, home, args, ready }: PodOptions,
): Promise<RunningProcess> {
  await plane.apply([
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
  ]);
  const token = (await plane.run(['create', 'token', name, '-n', namespace])).trim();
  const files = Object.entries({ token, namespace, 'ca.crt': plane.caPem });
  const sources = files.map(([file, text]) => home.write(file, text));
  const script = `mount -t tmpfs tmpfs /run && mkdir -p ${ACCOUNT_FOLDER} && cp "$1" "$2" "$3" ${ACCOUNT_FOLDER} && shift 3 && exec "$@"`;
  const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  const { hostname, port } = new URL(plane.url);
  const service = { KUBECONFIG: '', KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
  const options = SLUICE_RUN.entrypoint.slice(1, -1);
  const program = [process.execPath, ...options, writeProgram(join(home.path, 'program')), ...args];
  return startProcess('unshare', ['--mount', ...asRoot, 'sh', '-c', script, 'sh', ...sources, ...program], {
    env: { ...SLUICE_RUN.env, ...home.env, ...installedOptions(), ...service },
    ready,
    timeoutMs: 60_000,
  });
}

interface DeploymentSpec {
  readonly template: { readonly spec: { readonly containers: readonly { readonly env: readonly Variable[] }[] } };
}

interface Variable {
  readonly name: string;
  readonly value?: string;
}

/** What an installation sets for Node. */
function installedOptions(): Readonly<Record<string, string>> {
  const deployment = installBundle({ version: 'test' }).find(({ kind }) => kind === 'Deployment')!;
  const { template } = deployment['spec'] as DeploymentSpec;
  const options = template.spec.containers[0]!.env.filter(({ name }) => name.endsWith('NODE_OPTIONS'));
  return Object.fromEntries(options.map(({ name, value = '' }) => [name, value]));
}

/** Of loopback, so that what asks the Pods asks nobody outside this machine: 512 nodes with a range each, not those of another run. */
export const LOOPBACK_PODS = [`--cluster-cidr=127.${210 + (process.pid % 40)}.0.0/16`, '--node-cidr-mask-size=25'];

/** In the place of Pods: they take connections and never answer. */
export interface HangingPods {
  /** Begins for those that are new. */
  listenAs(pods: readonly KubeObject[]): Promise<void>;
  readonly count: number;
  /** Connections since the start. */
  readonly connections: number;
  stop(): Promise<void>;
}

const METRICS_PORT = 8888;

export function createHangingPods(): HangingPods {
  const servers = new Map<string, Server>();
  const sockets = new Set<Socket>();
  let connections = 0;
  const listen = (host: string) => {
    const server = createServer((socket) => {
      connections += 1;
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    });
    servers.set(host, server);
    return new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(METRICS_PORT, host, resolve);
    });
  };
  return {
    async listenAs(pods) {
      const addresses = pods.flatMap(({ status }) => (status as { readonly podIP?: string }).podIP ?? []);
      const fresh = new Set(addresses.filter((address) => address.startsWith('127.') && !servers.has(address)));
      await Promise.all([...fresh].map(listen));
    },
    get count() {
      return servers.size;
    },
    get connections() {
      return connections;
    },
    async stop() {
      const closed = [...servers.values()].map((server) => new Promise((resolve) => server.close(resolve)));
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

/** Of a process, in MiB: now, and the most that it ever had. */
export function memoryOf(pid: number): { readonly nowMiB: number; readonly mostMiB: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const inMiB = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)![1]) / 1024;
  return { nowMiB: inMiB('VmRSS'), mostMiB: inMiB('VmHWM') };
}

/** CPU seconds that a process has used. */
export function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  // utime and stime, in ticks of 10 ms.
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** `list pods` → 3, as the operator counts its requests itself. */
export async function requestsOf(metricsUrl: string): Promise<Readonly<Record<string, number>>> {
  const text = await (await fetch(metricsUrl)).text();
  const line = /^sluice_operator_api_requests_total\{resource="([^"]*)",verb="([^"]*)"\} (\d+)$/gm;
  return Object.fromEntries(
    [...text.matchAll(line)].map(([, resource, verb, n]) => [`${verb} ${resource}`, Number(n)]),
  );
}
