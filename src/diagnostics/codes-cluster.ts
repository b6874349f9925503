import type { CodeEntry } from './code-entry.ts';

/** What can go wrong between a command and a cluster. */
export const CLUSTER_CODES: readonly CodeEntry[] = [
  {
    code: 'SL0710',
    title: 'no cluster',
    severity: 'error',
    explanation: 'No kubeconfig names a cluster, or the API server that it names does not answer.',
    example: 'sluice cluster install, without ~/.kube/config',
    fix: 'Name the cluster with --kubeconfig or --context, and see whether it runs: kubectl cluster-info',
  },
  {
    code: 'SL0711',
    title: 'refused by the cluster',
    severity: 'error',
    explanation: 'The API server answers, and refuses what was asked: a permission is missing, or a policy forbids it.',
    example: 'sluice cluster install as a user who may not make ClusterRoles',
    fix: 'sluice check --pre lists what is missing; sluice cluster install --export rbac prints what the operator gets.',
  },
  {
    code: 'SL0712',
    title: 'not confirmed',
    severity: 'error',
    explanation: 'The command changes a cluster, and nobody confirmed that it is the right one.',
    example: 'sluice cluster uninstall in a script, without --yes',
    fix: 'Add --yes; --dry-run shows what would change.',
  },
  {
    code: 'SL0713',
    title: 'cluster not fit for the installation',
    severity: 'error',
    explanation:
      'The cluster is too old, runs another installation of Kyma Telemetry, or holds what this version cannot read. Nothing was changed.',
    example: 'sluice cluster install beside the Kyma module telemetry',
    fix: 'Do what the findings say; sluice check --pre shows all of them.',
  },
  {
    code: 'SL0714',
    title: 'not ready in time',
    severity: 'error',
    explanation:
      'What was applied did not become ready within the timeout. The message says what is missing and why; nothing was taken back.',
    example: 'sluice cluster install with an image that no node can pull',
    fix: 'Remove the cause, then run the command again: it goes on where it stopped.',
  },
];
