import type { Issue } from '../../diagnostics/index.ts';
import type { ConfigurationDocument, PipelineDocument, PipelineSourceDocument, PipelineStatus } from '../api.ts';

/** One pipeline out of what is known of all. */
export function pipelineDocument(
  status: PipelineStatus,
  configuration: ConfigurationDocument | undefined,
): PipelineDocument {
  const source = configuration?.pipelines.find(({ kind, name }) => kind === status.kind && name === status.name);
  if (configuration === undefined || source === undefined) return { status, issues: [], rendered: [] };
  const file = configuration.files.find((candidate) => candidate.file === source.source?.file);
  const workloads = new Set(source.blocks.map(({ workload }) => workload));
  return {
    status,
    source,
    ...(file === undefined ? {} : { file }),
    issues: issuesOf(source, configuration.issues),
    rendered: configuration.rendered.filter(({ workload }) => workloads.has(workload)),
  };
}

/** Findings within the lines of a resource. */
export function issuesOf({ source }: PipelineSourceDocument, issues: readonly Issue[]): readonly Issue[] {
  if (source === undefined) return [];
  return issues.filter(
    ({ span }) => span?.file === source.file && span.line >= source.line && span.line <= source.endLine,
  );
}
