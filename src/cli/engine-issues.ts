import type { Issue } from '../diagnostics/index.ts';
import { checkEngineConfig } from '../engine/index.ts';
import type { LoadedConfig } from '../otelcol/index.ts';

/** What the engine cannot execute. References are left to the loader where it has found fault with them already. */
export function engineIssues({ config, issues, document }: LoadedConfig): readonly Issue[] {
  if (config === undefined) return [];
  const isBroken = issues.some(({ severity }) => severity === 'error');
  const found = checkEngineConfig(config).filter(({ path }) => !isBroken || path?.[0] !== 'service');
  return found.map((issue) => {
    const span = issue.span ?? (issue.path && document?.nearestSpan(issue.path));
    return span === undefined ? issue : { ...issue, span };
  });
}
