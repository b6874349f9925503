import type { CliContext } from '../context.ts';
import { reportIssues } from '../findings.ts';
import { shownName } from './generation.ts';
import type { Reload } from './live-configuration.ts';

/** What a person at the terminal reads after a file was saved: findings, and one line. */
export function reportReload(reload: Reload, context: CliContext): void {
  reportIssues(reload.issues, reload.sources, context);
  const { progress, stderr, unicode } = context;
  if (reload.refused !== undefined) {
    const mark = unicode ? '✗' : 'x';
    stderr.write(`${mark} ${reload.refused} (SL0609)\n    everything runs as before\n`);
    return;
  }
  const changed = reload.changes.filter(({ action }) => action !== 'unchanged');
  const what =
    changed.length === 0 ? 'nothing changed' : changed.map((one) => `${shownName(one)} ${one.action}`).join(', ');
  const files = reload.files.length > 3 ? `${reload.files.length} files` : reload.files.join(', ');
  progress.write(`reloaded ${files} in ${Math.round(reload.tookMs)} ms: ${what}\n`);
}
