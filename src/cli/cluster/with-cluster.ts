import type { KubeClient } from '../../kube/index.ts';
import { type CliContext, interruptCode } from '../context.ts';
import type { ExitCode } from '../exit-code.ts';
import { connectCluster, describeTarget } from './connect.ts';
import { explainClusterError } from './explain-cluster-error.ts';

export interface Cluster {
  readonly client: KubeClient;
  /** For people and reports: `context kind-dev, https://127.0.0.1:6443`. */
  readonly target: string;
}

/** Does `work` with the cluster that the flags name, says first which one that is, and explains what goes wrong on the way. */
export async function withCluster(
  flags: Record<string, unknown>,
  context: CliContext,
  work: (cluster: Cluster) => Promise<ExitCode>,
): Promise<ExitCode> {
  const connection = await connectCluster(flags, context);
  const target = describeTarget(connection);
  context.progress.write(`target: ${target}\n`);
  try {
    return await work({ client: connection.client, target });
  } catch (error) {
    if (context.interrupt.aborted) return interruptCode(context);
    throw explainClusterError(error, target);
  } finally {
    await connection.client.close();
  }
}
