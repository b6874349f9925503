import { checkInstallation } from '../../operator/index.ts';
import { bundleOptions, defineBundleFlags, namespaceOf } from '../cluster/bundle-flags.ts';
import { defineClusterFlags } from '../cluster/connect.ts';
import { exportBundle, installOrUpgrade } from '../cluster/install.ts';
import { reportFindings } from '../cluster/report-findings.ts';
import { uninstall } from '../cluster/uninstall.ts';
import { CliError } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { OUTPUT_HELP } from '../report-document.ts';
import type { Verb } from '../verb.ts';

const ACTIONS = ['install', 'upgrade', 'uninstall', 'status'] as const;

export const clusterVerb: Verb = {
  name: 'cluster',
  examples: [
    'sluice cluster install --context kind-dev',
    'sluice cluster install --export > sluice.yaml',
    'sluice cluster upgrade --image sluice=registry.example.com/sluice:0.2.0',
    'sluice cluster uninstall --dry-run',
  ],
  words: () => ACTIONS,
  define: (command) =>
    defineBundleFlags(defineClusterFlags(command.argument('<action>', 'install, upgrade, uninstall or status')))
      .option('--export [part]', 'print the objects instead of applying them: all, crds or rbac')
      .option('--adopt', 'install: take over what Kyma Telemetry left: resource definitions, webhooks, finalizers')
      .option('--dry-run', 'say what would change, and change nothing')
      .option('--delete-backlog', 'uninstall: remove volumes too, with data that was not delivered')
      .option('--no-wait', 'do not wait until the operator is ready')
      .option('--timeout <duration>', 'how long to wait', '3m')
      .option('-y, --yes', 'do not ask; needed where there is no terminal')
      .option('-o, --output <format>', OUTPUT_HELP, 'text'),
  async run(flags, args, context) {
    const action = ACTIONS.find((one) => one === args[0]);
    if (action === undefined) {
      throw new CliError(EXIT.usage, 'SL0902', `\`cluster\` has no action \`${args[0]}\``, [
        `there are:  ${ACTIONS.join(', ')}`,
      ]);
    }
    bundleOptions(flags, context.version);
    if (flags['export'] !== undefined && (action === 'install' || action === 'upgrade'))
      return exportBundle(flags, context);
    switch (action) {
      case 'install':
      case 'upgrade':
        return installOrUpgrade(action, flags, context);
      case 'uninstall':
        return uninstall(flags, context);
      case 'status':
        return reportFindings((client) => checkInstallation(client, namespaceOf(flags)), flags, context);
    }
  },
};
