import { spawn } from 'node:child_process';

/** kubectl for one cluster. */
export interface Kubectl {
  /** Never rejects because of what kubectl answers. */
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<KubectlResult>;
  /** kubectl's standard output; rejects with its standard error when it fails. */
  run(args: readonly string[], options?: KubectlOptions): Promise<string>;
  /** Creates or changes these objects, as a YAML or JSON text or as values; rejects with what is wrong. */
  apply(objects: string | readonly object[]): Promise<void>;
}

export interface KubectlOptions {
  /** Standard input, for `-f -`. */
  readonly input?: string;
}

export interface KubectlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `home` is where kubectl keeps what it has learned of the server. */
export function createKubectl(path: string, kubeconfig: string, home: string): Kubectl {
  const kubectl = (args: readonly string[], { input = '' }: KubectlOptions = {}) =>
    runKubectl(args, { path, kubeconfig, home, input });
  const run = async (args: readonly string[], options?: KubectlOptions) => {
    const { code, stdout, stderr } = await kubectl(args, options);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} failed with code ${code}: ${stderr}${stdout}`);
    return stdout;
  };
  const apply = async (objects: string | readonly object[]) => {
    const list = { apiVersion: 'v1', kind: 'List', items: objects };
    const input = typeof objects === 'string' ? objects : JSON.stringify(list);
    await run(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input });
  };
  return { kubectl, run, apply };
}

interface Call {
  readonly path: string;
  readonly kubeconfig: string;
  readonly home: string;
  readonly input: string;
}

function runKubectl(args: readonly string[], { path, kubeconfig, home, input }: Call): Promise<KubectlResult> {
  const child = spawn(path, ['--kubeconfig', kubeconfig, ...args], {
    env: { ...process.env, HOME: home, KUBECONFIG: '' },
    ...(WAITING.has(args[0]!) ? {} : { timeout: LIMIT_MS, killSignal: 'SIGKILL' as const }),
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      output[name] += chunk;
    });
  }
  // kubectl may end before it has read everything; its code tells.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const ended = signal === null ? '' : `ended by ${signal}, at the latest after ${LIMIT_MS / 1000} s\n`;
      resolve({ code: code ?? -1, stdout: output.stdout, stderr: `${ended}${output.stderr}` });
    });
  });
}

/** Less than a test may take, so that one that hangs says in which command. */
const LIMIT_MS = 100_000;
/** Verbs that take as long as they are told to. */
const WAITING: ReadonlySet<string> = new Set(['exec', 'logs', 'rollout', 'run', 'wait']);
