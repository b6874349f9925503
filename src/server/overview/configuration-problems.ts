import type { Issue } from '../../diagnostics/index.ts';
import type { ConfigurationDocument, PipelineSourceDocument, Problem } from '../api.ts';
import { issuesOf } from '../configuration/pipeline-document.ts';
import { pipelineName, sentence } from './words.ts';

/** Errors in the files, by whom they keep from running: a pipeline, or nobody in particular. */
export function configurationProblems(
  configuration: ConfigurationDocument | undefined,
  program: string,
): readonly Problem[] {
  if (configuration === undefined) return [];
  const errors = configuration.issues.filter(({ severity }) => severity === 'error');
  const claimed = new Set<Issue>();
  const ofPipelines = configuration.pipelines.flatMap((pipeline) => {
    const own = issuesOf(pipeline, errors);
    for (const issue of own) claimed.add(issue);
    return pipeline.runs === 'current' ? [] : [pipelineProblem(pipeline, own, program)];
  });
  const byFile = Map.groupBy(
    errors.filter((issue) => !claimed.has(issue)),
    ({ span }) => span?.file,
  );
  return [...ofPipelines, ...[...byFile].map(([file, issues]) => fileProblem(file, issues, program))];
}

function pipelineProblem(pipeline: PipelineSourceDocument, issues: readonly Issue[], program: string): Problem {
  const { kind, name, runs, source } = pipeline;
  const [first] = issues;
  return {
    severity: runs === 'previous' ? 'warning' : 'error',
    pipeline: { kind, name },
    ...(first === undefined ? {} : { code: first.code }),
    title:
      runs === 'previous'
        ? `${pipelineName(pipeline)} runs its previous version because the new one is invalid`
        : `${pipelineName(pipeline)} does not run because its configuration is invalid`,
    detail:
      `${issueSentence(first, issues.length)}${runs === 'previous' ? ' The previous version keeps running.' : ''}`.trim(),
    commands: validateCommand(source?.file, program),
    ...sourceOf(first, source),
  };
}

/** What makes a whole file unreadable, or belongs to no pipeline. */
function fileProblem(file: string | undefined, issues: readonly Issue[], program: string): Problem {
  const [first] = issues;
  return {
    severity: 'error',
    code: first.code,
    title: `${file === undefined ? 'the configuration' : `the file ${file}`} has ${issues.length === 1 ? 'an error' : `${issues.length} errors`}`,
    detail: `${issueSentence(first, issues.length)} What was valid before keeps running.`,
    commands: validateCommand(file, program),
    ...sourceOf(first, undefined),
  };
}

/** `telemetry.yaml:11: unknown field … Did you mean …?` */
function issueSentence(issue: Issue | undefined, total: number): string {
  if (issue === undefined) return '';
  const where = issue.span === undefined ? '' : `${issue.span.file}:${issue.span.line}: `;
  const more = total > 1 ? ` And ${total - 1} more.` : '';
  return `${where === '' ? sentence(issue.message) : `${where}${issue.message}.`}${issue.help === undefined ? '' : ` ${sentence(issue.help)}`}${more}`;
}

function sourceOf(issue: Issue | undefined, resource: PipelineSourceDocument['source']): Pick<Problem, 'source'> {
  if (issue?.span !== undefined) return { source: { file: issue.span.file, line: issue.span.line } };
  return resource === undefined ? {} : { source: { file: resource.file, line: resource.line } };
}

function validateCommand(file: string | undefined, program: string): readonly string[] {
  return [file === undefined ? `${program} validate` : `${program} validate -f ${file}`];
}
