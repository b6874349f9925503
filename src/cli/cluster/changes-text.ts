import type { ChangedObject } from '../../operator/index.ts';

/** `created    Deployment kyma-system/telemetry-operator` */
export function changeLine({ action, kind, namespace, name, reason }: ChangedObject): string {
  const where = namespace === undefined ? name : `${namespace}/${name}`;
  return `${action.padEnd(11)}${kind} ${where}${reason === undefined ? '' : `  (${reason})`}\n`;
}

/** What changed, a line each; what did not is only counted. */
export function changesText(changes: readonly ChangedObject[], dryRun: boolean): string {
  const told = changes.filter(({ action, reason }) => action !== 'unchanged' || reason !== undefined);
  const same = changes.length - told.length;
  const counted = same === 0 ? '' : `unchanged  ${same} ${same === 1 ? 'object' : 'objects'}\n`;
  return `${told.map(changeLine).join('')}${counted}${dryRun ? 'Nothing was changed: --dry-run.\n' : ''}`;
}

export function changesSummary(changes: readonly ChangedObject[]): Readonly<Record<ChangedObject['action'], number>> {
  const count = (wanted: ChangedObject['action']) => changes.filter(({ action }) => action === wanted).length;
  return {
    created: count('created'),
    configured: count('configured'),
    unchanged: count('unchanged'),
    deleted: count('deleted'),
    kept: count('kept'),
  };
}
