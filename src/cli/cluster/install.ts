import {
  type Finding,
  type InstallStep,
  installBundle,
  installCluster,
  kubernetesVersion,
  PARTS,
  type Part,
  partOf,
  preflight,
  yamlDocuments,
} from '../../operator/index.ts';
import { type CliContext, CliError } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { parseChoiceFlag, parseDurationFlag } from '../flags.ts';
import { asCalled } from '../program-name.ts';
import { formatDocument, parseOutputFlag, reportDocument } from '../report-document.ts';
import { bundleOptions } from './bundle-flags.ts';
import { changeLine, changesSummary, changesText } from './changes-text.ts';
import { confirmChange } from './confirm.ts';
import { findingsList, findingsSummary } from './findings-text.ts';
import { withCluster } from './with-cluster.ts';

/** `--export` prints what would be applied and asks no cluster. */
export function exportBundle(flags: Record<string, unknown>, context: CliContext): ExitCode {
  const part: Part = flags['export'] === true ? 'all' : parseChoiceFlag('--export', flags['export'], PARTS);
  const manifests = partOf(installBundle(bundleOptions(flags, context.version)), part);
  context.stdout.write(yamlDocuments(manifests));
  return EXIT.ok;
}

/** `cluster install` and `cluster upgrade`: look, ask, apply, wait. */
export function installOrUpgrade(
  action: 'install' | 'upgrade',
  flags: Record<string, unknown>,
  context: CliContext,
): Promise<ExitCode> {
  const format = parseOutputFlag(flags['output']);
  const timeoutMs = parseDurationFlag('--timeout', flags['timeout']) ?? 0;
  const asked = bundleOptions(flags, context.version);
  const { namespace } = asked;
  const adopt = flags['adopt'] === true;
  const dryRun = flags['dryRun'] === true;
  return withCluster(flags, context, async ({ client, target }) => {
    const bundle = { ...asked, kubernetesMinor: (await kubernetesVersion(client)).minor };
    refuseUnfit(await preflight({ client, namespace, manifests: installBundle(bundle), adopt }), context);
    const question = `${action} Sluice ${context.version} in namespace ${namespace} of ${target}?`;
    if (!dryRun) await confirmChange(question, flags, context);
    const { objects, migrated } = await installCluster({
      client,
      clock: context.clock,
      bundle,
      adopt,
      dryRun,
      wait: flags['wait'] !== false,
      timeoutMs,
      signal: context.interrupt,
      tell: (step) => context.progress.write(progressLine(step)),
    });
    const next = flags['wait'] === false ? notAwaited(context) : nextSteps(namespace, context);
    const rewritten = migrated.reduce((sum, { objects: count }) => sum + count, 0);
    const summary = { ...changesSummary(objects), migrated: rewritten, dryRun };
    context.stdout.write(
      format === 'text'
        ? `${changesText(objects, dryRun)}${dryRun ? '' : next}`
        : formatDocument(reportDocument({ kind: 'InstallReport', target, summary, items: objects }, context), format),
    );
    return EXIT.ok;
  });
}

function refuseUnfit(findings: readonly Finding[], context: CliContext): void {
  const told = findings.filter(({ status }) => status === 'warning' || status === 'failed');
  if (told.length > 0 && (findingsSummary(findings).failed > 0 || !context.quiet)) {
    context.stderr.write(findingsList(told, context));
  }
  if (findingsSummary(findings).failed === 0) return;
  throw new CliError(EXIT.no, 'SL0713', 'this cluster cannot be installed to as it is; nothing was changed', [
    'all that was looked at:  sluice check --pre',
  ]);
}

function progressLine(step: InstallStep): string {
  switch (step.step) {
    case 'object':
      return step.change.action === 'unchanged' ? '' : changeLine(step.change);
    case 'waiting':
      return `waiting for ${step.for}\n`;
    case 'migrated':
      return `rewrote    ${step.migrated.objects} ${step.migrated.kind} that may have been stored as ${step.migrated.from.join(', ')}\n`;
  }
}

function nextSteps(namespace: string, { program }: CliContext): string {
  return asCalled(
    [
      `Installed. Applications send OTLP to http://telemetry-otlp.${namespace}:4317 (gRPC) and :4318 (HTTP), once there is a pipeline.`,
      'Next:  sluice init trace --to otlp=URL | kubectl apply -f -',
      '',
    ].join('\n'),
    program,
  );
}

function notAwaited({ program }: CliContext): string {
  return asCalled('Applied; whether the operator becomes ready was not awaited.\nNext:  sluice check\n', program);
}
