import { ApiError, ConnectionError } from '../../kube/index.ts';
import { errorCode, errorMessage } from '../../lib/index.ts';
import { CliError } from '../context.ts';
import { EXIT } from '../exit-code.ts';

/** What the cluster or the way to it says no to, as a message for people; any other error comes back as it is. */
export function explainClusterError(error: unknown, target: string): unknown {
  if (error instanceof ConnectionError) {
    return new CliError(EXIT.unreachable, 'SL0710', `no answer from the cluster (${target}): ${error.message}`, [
      'see whether it runs:  kubectl cluster-info',
    ]);
  }
  if (error instanceof ApiError) {
    const isRefused = error.status === 401 || error.status === 403;
    const causes = error.causes.map(({ field, message }) => (field === undefined ? message : `${field}: ${message}`));
    const hints = isRefused ? ['what is missing:  sluice check --pre'] : causes;
    return new CliError(EXIT.unreachable, 'SL0711', `the cluster refuses (${target}): ${error.message}`, hints);
  }
  if (errorCode(error) === 'timeout') {
    return new CliError(EXIT.timedOut, 'SL0714', errorMessage(error), [
      'longer:  --timeout 10m',
      'what is there:  sluice cluster status',
    ]);
  }
  return error;
}
