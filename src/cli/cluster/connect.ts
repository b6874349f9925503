import type { Command } from 'commander';
import { connectKube, type KubeConnection } from '../../kube/index.ts';
import { errorCode, errorMessage } from '../../lib/index.ts';
import { type CliContext, CliError } from '../context.ts';
import { EXIT } from '../exit-code.ts';

/** Options that say which cluster is meant, as kubectl has them. */
export function defineClusterFlags(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'default: KUBECONFIG, then the service account of this Pod, then ~/.kube/config')
    .option('--context <name>', 'a context of the kubeconfig; default: the current one');
}

/** Finds the cluster that the flags name; sends no request. */
export async function connectCluster(flags: Record<string, unknown>, context: CliContext): Promise<KubeConnection> {
  const { kubeconfig, context: name } = flags;
  try {
    return await connectKube({
      env: context.env,
      clock: context.clock,
      userAgent: `sluice/${context.version}`,
      ...(kubeconfig === undefined ? {} : { kubeconfig: String(kubeconfig) }),
      ...(name === undefined ? {} : { context: String(name) }),
    });
  } catch (error) {
    if (errorCode(error) !== 'kube_config') throw error;
    throw new CliError(EXIT.unreachable, 'SL0710', errorMessage(error), [
      'name one:  --kubeconfig FILE, --context NAME',
    ]);
  }
}

/** `context kind-dev, https://127.0.0.1:6443` */
export function describeTarget({ contextName, server }: KubeConnection): string {
  return contextName === undefined ? server : `context ${contextName}, ${server}`;
}
