import { checkInstallation, installBundle, preflight } from '../../operator/index.ts';
import { namespaceOf } from '../cluster/bundle-flags.ts';
import { defineClusterFlags } from '../cluster/connect.ts';
import { reportFindings } from '../cluster/report-findings.ts';
import { OUTPUT_HELP } from '../report-document.ts';
import type { Verb } from '../verb.ts';

export const checkVerb: Verb = {
  name: 'check',
  examples: ['sluice check --pre --context kind-dev', 'sluice check', 'sluice check -o json'],
  define: (command) =>
    defineClusterFlags(command)
      .option('--pre', 'before an installation: can this cluster be installed to?')
      .option('--adopt', 'with --pre: as `cluster install --adopt` would')
      .option('-n, --namespace <name>', 'where it is installed', 'kyma-system')
      .option('--strict', 'warnings are failures: exit code 7')
      .option('-o, --output <format>', OUTPUT_HELP, 'text'),
  run(flags, _args, context) {
    const namespace = namespaceOf(flags);
    const adopt = flags['adopt'] === true;
    return reportFindings(
      (client) =>
        flags['pre'] === true
          ? preflight({ client, namespace, manifests: installBundle({ version: context.version, namespace }), adopt })
          : checkInstallation(client, namespace),
      flags,
      context,
    );
  },
};
