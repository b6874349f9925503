import { readResources } from '../apis/index.ts';
import type { Issue, SourceFile } from '../diagnostics/index.ts';
import type { ApplyDocument, ApplyRequest, ResourceChange } from '../server/index.ts';
import { type ApiClient, apiClient } from './api-client.ts';
import { oneEngine, parseEngineChoice } from './choose-engine.ts';
import type { CliContext } from './context.ts';
import { reportIssues } from './findings.ts';
import type { InputFile } from './input-files.ts';
import { reportDocument } from './report-document.ts';

/** The engine that a write is for: `--api`, or the one on this machine that fits. */
export function clientForWrite(flags: Record<string, unknown>, verb: string, context: CliContext): ApiClient {
  const api = (flags['api'] as string | undefined) ?? context.env['SLUICE_API'];
  if (api !== undefined) return apiClient(context, api);
  return apiClient(context, undefined, oneEngine(parseEngineChoice(flags), verb, context));
}

/** Sends the files; findings go to stderr with the lines they are about. */
export async function postResources(
  client: ApiClient,
  files: readonly InputFile[],
  { dryRun }: Pick<ApplyRequest, 'dryRun'>,
  context: CliContext,
): Promise<ApplyDocument> {
  const request: ApplyRequest = { files, ...(dryRun ? { dryRun } : {}) };
  const answer = await client.post<ApplyDocument>('/api/v1/local/apply', request);
  reportIssues(answer.issues, sourcesOf(files), context);
  return answer;
}

/** With the places that must not be shown. */
function sourcesOf(files: readonly InputFile[]): readonly SourceFile[] {
  return readResources(files).sources;
}

export interface ChangeReport {
  readonly kind: 'ApplyReport' | 'DiffReport' | 'DeleteReport';
  readonly dryRun?: boolean;
}

export function changeReport({ kind, dryRun }: ChangeReport, answer: ApplyDocument, context: CliContext): unknown {
  const { changes, issues, generation } = answer;
  const count = (action: ResourceChange['action']) => changes.filter((change) => change.action === action).length;
  const summary = {
    created: count('created'),
    configured: count('configured'),
    unchanged: count('unchanged'),
    deleted: count('deleted'),
    errors: issues.filter(({ severity }: Issue) => severity === 'error').length,
    generation,
    ...(dryRun === undefined ? {} : { dryRun }),
  };
  return reportDocument({ kind, target: 'local', summary, items: changes }, context);
}

/** `tracepipeline/jaeger configured` */
export function changeLine({ kind, name, action }: ResourceChange, dryRun: boolean): string {
  return `${kind.toLowerCase()}/${name} ${action}${dryRun ? ' (dry run)' : ''}\n`;
}
