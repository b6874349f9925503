import type { KubeClient } from '../../kube/index.ts';
import type { Finding } from '../../operator/index.ts';
import type { CliContext } from '../context.ts';
import type { ExitCode } from '../exit-code.ts';
import { formatDocument, parseOutputFlag, reportDocument } from '../report-document.ts';
import { findingsExit, findingsSummary, findingsText } from './findings-text.ts';
import { withCluster } from './with-cluster.ts';

/** Asks a cluster and prints what was found; the exit code says whether anything is wrong. */
export function reportFindings(
  find: (client: KubeClient) => Promise<readonly Finding[]>,
  flags: Record<string, unknown>,
  context: CliContext,
): Promise<ExitCode> {
  const format = parseOutputFlag(flags['output']);
  return withCluster(flags, context, async ({ client, target }) => {
    const findings = await find(client);
    const summary = findingsSummary(findings);
    context.stdout.write(
      format === 'text'
        ? findingsText(findings, context)
        : formatDocument(reportDocument({ kind: 'CheckReport', target, summary, items: findings }, context), format),
    );
    return findingsExit(findings, flags['strict'] === true);
  });
}
