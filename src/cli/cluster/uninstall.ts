import { findOtherInstallations, uninstallCluster } from '../../operator/index.ts';
import { type CliContext, CliError } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { parseDurationFlag } from '../flags.ts';
import { formatDocument, parseOutputFlag, reportDocument } from '../report-document.ts';
import { namespaceOf } from './bundle-flags.ts';
import { changeLine, changesSummary, changesText } from './changes-text.ts';
import { confirmChange } from './confirm.ts';
import { withCluster } from './with-cluster.ts';

/** `cluster uninstall`: shows what goes and what stays, asks, removes. */
export function uninstall(flags: Record<string, unknown>, context: CliContext): Promise<ExitCode> {
  const format = parseOutputFlag(flags['output']);
  const timeoutMs = parseDurationFlag('--timeout', flags['timeout']) ?? 0;
  const namespace = namespaceOf(flags);
  const dryRun = flags['dryRun'] === true;
  return withCluster(flags, context, async ({ client, target }) => {
    const { release, isHere, elsewhere } = await findOtherInstallations(client, namespace);
    if (release !== undefined) throw installedByHelm(release);
    const [other] = elsewhere;
    if (!isHere && other !== undefined) throw installedElsewhere(namespace, other.metadata.namespace ?? '');
    const removal = {
      client,
      clock: context.clock,
      namespace,
      othersStay: other !== undefined,
      deleteBacklog: flags['deleteBacklog'] === true,
      timeoutMs,
    };
    if (!dryRun && flags['yes'] !== true) {
      const plan = await uninstallCluster({ ...removal, dryRun: true, tell: () => {} });
      context.stderr.write(changesText(plan.objects, false));
    }
    if (!dryRun) await confirmChange(`remove Sluice from ${target}? Pipelines stay.`, flags, context);
    const { objects, unanswered } = await uninstallCluster({
      ...removal,
      dryRun,
      signal: context.interrupt,
      tell: (change) => context.progress.write(format === 'text' ? '' : changeLine(change)),
    });
    for (const group of unanswered) {
      context.stderr.write(`! ${group} does not answer: objects of Sluice in it, if any, are still there\n`);
    }
    const summary = { ...changesSummary(objects), dryRun };
    context.stdout.write(
      format === 'text'
        ? changesText(objects, dryRun)
        : formatDocument(reportDocument({ kind: 'UninstallReport', target, summary, items: objects }, context), format),
    );
    return EXIT.ok;
  });
}

function installedElsewhere(namespace: string, other: string): CliError {
  return new CliError(
    EXIT.no,
    'SL0713',
    `Sluice is not installed in namespace ${namespace} but in ${other}; nothing was changed`,
    [`remove that one:  sluice cluster uninstall --namespace ${other}`],
  );
}

function installedByHelm({ name, namespace }: { readonly name: string; readonly namespace: string }): CliError {
  return new CliError(EXIT.no, 'SL0713', `Sluice was installed by Helm, as release ${name}; nothing was changed`, [
    `remove it there first:  helm uninstall ${name} --namespace ${namespace}`,
    'then what the operator made:  sluice cluster uninstall',
  ]);
}
