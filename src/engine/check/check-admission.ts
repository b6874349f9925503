import type { Issue } from '../../diagnostics/index.ts';
import { componentType, type OtelcolConfig } from '../../otelcol/index.ts';
import type { Registry } from '../registry.ts';

/** Senders share in one way: a second extension that says how would be ignored. */
export function checkAdmission({ service }: OtelcolConfig, registry: Registry): Issue[] {
  const named = service.extensions.flatMap((id, i) =>
    registry.extensions[componentType(id)]?.admission === undefined ? [] : [{ id, i }],
  );
  return named.slice(1).map(({ id, i }) => ({
    code: 'SL0105',
    severity: 'error',
    message: `\`${id}\` says how senders share, and so does \`${named[0]!.id}\``,
    path: ['service', 'extensions', i],
    help: 'name one of them',
  }));
}
