import { dirname, resolve as resolvePath } from 'node:path';
import { type LoadedResource, readResources } from '../../apis/index.ts';
import { type Issue, type SourceFile, suggest } from '../../diagnostics/index.ts';
import { ottlEnvironment } from '../../engine/index.ts';
import { CodedError } from '../../lib/index.ts';
import { type Resolved, resolve } from '../../pipeline/index.ts';
import {
  type Item,
  itemsOfJson,
  judge,
  type PipelineTest,
  type Preview,
  previewPipeline,
  readPipelineTests,
  type Verdict,
} from '../../preview/index.ts';
import type { CliContext } from '../context.ts';
import { type InputFile, readInputFile } from '../input-files.ts';

/** What became of one test. */
export type TestResult = { readonly test: PipelineTest; readonly milliseconds: number } & (
  | { readonly verdict: Verdict; readonly preview: Preview; readonly resource: LoadedResource }
  /** It could not be run. */
  | { readonly problem: string; readonly verdict?: undefined }
);

export interface TestRun {
  readonly results: readonly TestResult[];
  /** About the tests, and about the pipelines that they name. */
  readonly issues: readonly Issue[];
  readonly sources: readonly SourceFile[];
}

/** Runs every test in `files` against the pipelines in the same files and in `others`. */
export function runTests(files: readonly InputFile[], others: readonly InputFile[], context: CliContext): TestRun {
  const read = readResources([...files, ...others]);
  const found = files.map(readPipelineTests);
  const tests = found.flatMap((one) => one.tests);
  const named = read.resources.filter((one) => tests.some((test) => isOf(test, one)));
  const pipelines = named.map((resource) => ({ resource, ...resolve(resource) }));
  const results = tests.map((test) => runTest(test, { pipelines, resources: read.resources }, context));
  const issues = [
    ...read.issues,
    ...found.flatMap((one) => one.issues).filter((issue) => !isKnown(issue, read.issues)),
    // What a pipeline is warned of is for `validate`.
    ...pipelines.flatMap((one) => one.issues).filter(({ severity }) => severity === 'error'),
  ];
  return { results, issues, sources: read.sources };
}

interface Pipelines {
  /** Those that a test names. */
  readonly pipelines: readonly (Resolved & { readonly resource: LoadedResource })[];
  readonly resources: readonly LoadedResource[];
}

function isOf(test: PipelineTest, { resource }: LoadedResource): boolean {
  return resource.kind === test.kind && resource.metadata.name === test.pipeline;
}

/** A mistake in the YAML is found by whoever reads it. */
function isKnown({ code, span }: Issue, known: readonly Issue[]): boolean {
  return known.some((one) => one.code === code && one.span?.file === span?.file && one.span?.line === span?.line);
}

function runTest(test: PipelineTest, { pipelines, resources }: Pipelines, context: CliContext): TestResult {
  const started = performance.now();
  const elapsed = () => performance.now() - started;
  const pipeline = pipelines.find(({ resource }) => isOf(test, resource));
  if (pipeline === undefined) return { test, milliseconds: 0, problem: noPipeline(test, resources) };
  const { graph, resource } = pipeline;
  if (graph === undefined) return { test, milliseconds: 0, problem: 'the pipeline has an error' };
  try {
    const preview = previewPipeline(graph, inputItems(test, context), ottlEnvironment);
    return { test, resource, preview, verdict: judge(test, preview), milliseconds: elapsed() };
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { test, milliseconds: elapsed(), problem: error.message };
  }
}

function noPipeline({ kind, pipeline }: PipelineTest, resources: readonly LoadedResource[]): string {
  const names = resources
    .filter(({ resource }) => resource.kind === kind)
    .map(({ resource }) => resource.metadata.name);
  const near = suggest(pipeline, names);
  const none = `no file that was read has a valid ${kind}: name the pipeline's file with -f`;
  const others = names.length === 0 ? none : `there are: ${names.join(', ')}`;
  return `no ${kind} is called \`${pipeline}\`; ${near === undefined ? others : `did you mean \`${near}\`?`}`;
}

/** Files of OTLP/JSON are named from the folder of the test. */
function inputItems({ input, signal, document }: PipelineTest, { cwd }: CliContext): readonly Item[] {
  return input.flatMap((one) => {
    if ('item' in one) return [one.item];
    const { text } = readInputFile(resolvePath(cwd, dirname(document.file), one.otlpFile), cwd);
    return itemsOfJson(signal, new TextEncoder().encode(text));
  });
}
