import type { LoadedResource } from '../../apis/index.ts';
import type { Issue } from '../../diagnostics/index.ts';
import type { ExportOutcome } from '../../otlp/index.ts';
import type { PipelineGraph } from '../../pipeline/index.ts';
import { describeFlow, type RenderedConfig } from '../../render/index.ts';
import { compileFiles, STOCK_ADDRESSES } from '../compile.ts';
import { type CliContext, CliError, interruptCode } from '../context.ts';
import type { InputFile } from '../input-files.ts';
import { askExporter } from './ask-exporter.ts';
import { backendIssue } from './backend-issue.ts';

/** DNS, TCP, TLS and the answer together. */
const LIMIT_MS = 10_000;

/** Memory is no question here. */
const CAP_BYTES = 2 ** 40;

interface Backend {
  readonly graph: PipelineGraph;
  readonly loaded: LoadedResource;
  /** For people: `localhost:14317 (gRPC)`. */
  readonly destination: string;
}

/**
 * Sends an empty OTLP request to the backend of every pipeline that is valid, all at once, with its own headers and
 * credentials. Findings point at the endpoints.
 */
export async function checkBackends(
  files: readonly InputFile[],
  secretFiles: readonly InputFile[],
  context: CliContext,
): Promise<readonly Issue[]> {
  const compiled = compileFiles(files, {
    distribution: 'sluice',
    topology: 'Shared',
    capBytes: CAP_BYTES,
    secretFiles,
    secretsRequired: true,
    nowMs: context.clock.nowMs(),
    addresses: () => STOCK_ADDRESSES,
  });
  const [rendered] = compiled.rendered;
  if (rendered === undefined) return [];
  const labels = new Map(
    describeFlow(compiled.topology).nodes.map(({ stage, pipeline, label }) => [
      `${stage} ${pipeline?.kind}/${pipeline?.name}`,
      label,
    ]),
  );
  const backends = compiled.topology.workloads.flatMap((workload) =>
    (workload.role === 'router' ? [] : workload.pipelines).flatMap((graph): Backend[] => {
      const loaded = compiled.resources.find(
        ({ resource }) => resource.kind === graph.kind && resource.metadata.name === graph.name,
      );
      const destination = labels.get(`backend ${graph.kind}/${graph.name}`) ?? '';
      return loaded === undefined || graph.exporter.type !== 'otlp' ? [] : [{ graph, loaded, destination }];
    }),
  );
  if (backends.length === 0) return [];
  const noun = backends.length === 1 ? 'backend' : 'backends';
  context.progress.write(`asking ${backends.length} ${noun}, ${LIMIT_MS / 1000} s at most\n`);
  const found = await Promise.all(backends.map((backend) => checkBackend(backend, rendered, context)));
  if (context.interrupt.aborted) throw new CliError(interruptCode(context), 'SL0508', 'stopped while asking backends');
  return found.filter((issue) => issue !== undefined);
}

async function checkBackend(
  { graph, loaded, destination }: Backend,
  rendered: RenderedConfig,
  context: CliContext,
): Promise<Issue | undefined> {
  const startedMs = context.clock.nowMs();
  const outcome = await probe(graph, rendered, context);
  const issue = backendIssue(graph, loaded, outcome);
  const name = `${graph.kind.toLowerCase()}/${graph.name}`;
  const tookMs = Math.round(context.clock.nowMs() - startedMs);
  const mark = context.unicode ? { ok: '✔', failing: '✗' } : { ok: 'ok', failing: 'x' };
  const line =
    issue === undefined
      ? `${mark.ok} ${name}   ${destination} took an empty request in ${tookMs} ms`
      : `${issue.severity === 'error' ? mark.failing : '!'} ${name}   ${destination}   ${issue.code}`;
  if (!context.interrupt.aborted) context.progress.write(`${line}\n`);
  return issue;
}

async function probe(graph: PipelineGraph, rendered: RenderedConfig, context: CliContext): Promise<ExportOutcome> {
  const { pipelineId } = rendered.pipelines.find(({ kind, name }) => kind === graph.kind && name === graph.name)!;
  const exporter = rendered.config.service.pipelines[pipelineId]!.exporters[0]!;
  const late = new AbortController();
  const timer = context.clock.after(LIMIT_MS, () => late.abort());
  const abort = AbortSignal.any([late.signal, context.interrupt]);
  try {
    return await askExporter({ rendered, exporter, signal: graph.signal }, { clock: context.clock, abort });
  } catch (error) {
    const message = `no answer within ${LIMIT_MS / 1000} s`;
    if (late.signal.aborted) return { status: 'retryable', failure: { kind: 'timeout', message } };
    if (context.interrupt.aborted) return { status: 'retryable', failure: { kind: 'unavailable', message: 'stopped' } };
    throw error;
  } finally {
    timer.cancel();
  }
}
