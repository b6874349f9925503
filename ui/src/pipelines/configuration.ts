import type { Issue } from '../../../src/diagnostics/index.ts';
import type { ConfigurationDocument, PipelineSourceDocument } from '../../../src/server/api.ts';

/** The lines of one resource in its file. */
export interface ResourceText {
  readonly file: string;
  readonly from: number;
  readonly lines: readonly string[];
}

export function sourceOf(
  document: ConfigurationDocument | undefined,
  kind: string,
  name: string,
): PipelineSourceDocument | undefined {
  return document?.pipelines.find((pipeline) => pipeline.kind === kind && pipeline.name === name);
}

/** Undefined for what stands in no file. */
export function resourceText(
  document: ConfigurationDocument,
  { source }: PipelineSourceDocument,
): ResourceText | undefined {
  const text = document.files.find(({ file }) => file === source?.file)?.text;
  if (text === undefined || source === undefined) return undefined;
  const lines = text.split('\n').slice(source.line - 1, source.endLine);
  while (lines.at(-1)?.trim() === '') lines.pop();
  return { file: source.file, from: source.line, lines };
}

/** Findings within the lines of a resource, in their order. */
export function issuesOf({ issues }: ConfigurationDocument, { source }: PipelineSourceDocument): readonly Issue[] {
  if (source === undefined) return [];
  return issues
    .filter(({ span }) => span?.file === source.file && span.line >= source.line && span.line <= source.endLine)
    .toSorted((a, b) => (a.span?.line ?? 0) - (b.span?.line ?? 0));
}

export const RUNS_WORD = {
  current: 'this version runs',
  previous: 'the previous version keeps running',
  nothing: 'does not run',
} as const satisfies Record<PipelineSourceDocument['runs'], string>;

export const RUNS_MARK = { current: 'ok', previous: 'warning', nothing: 'failing' } as const;
