import { describe, expect, it } from 'vitest';
import { describeFlow, renderOtelcol } from '../../render/index.ts';
import { STOCK_ADDRESSES } from '../compile.ts';
import { configurationDocument } from './configuration-document.ts';
import { type Generation, readGeneration } from './generation.ts';
import { pipelineRefs } from './pipeline-refs.ts';
import { withPlacesNow } from './place-now.ts';

const PIPELINE = `apiVersion: telemetry.kyma-project.io/v1beta1
kind: TracePipeline
metadata: { name: a }
spec:
  output: { otlp: { endpoint: { value: "http://127.0.0.1:4317" } } }
`;
const OTHER = PIPELINE.replace('name: a', 'name: b');

function read(text: string, before?: Generation): Generation {
  const inputs = { files: [{ file: 'a.yaml', text }], secretFiles: [], overlays: [] };
  return readGeneration(inputs, { capBytes: 512 * 2 ** 20, ...(before && { before: before.pipelines }) });
}

/** As the engine runs `running` and `looked` is the newest version of the files. */
function documentOf(running: Generation, looked: Generation) {
  const rendered = running.topology.workloads.map((workload) => renderOtelcol(workload, STOCK_ADDRESSES));
  return configurationDocument({
    looked,
    running,
    rendered,
    number: 2,
    loadedAt: '',
    activatedMs: 0,
    state: 'partly',
  });
}

describe('where a pipeline stands whose previous version runs', () => {
  const first = read(`${PIPELINE}---\n${OTHER}`);
  const comments = '# one\n# two\n# three\n# four\n# five\n# six\n# seven\n';
  const broken = `${comments}${PIPELINE.replace('output', 'outptu')}---\n${OTHER}`;

  it('is where it is written now, so that its error is found in it', () => {
    const next = read(broken, first);
    const document = documentOf(next, next);
    const [a, b] = document.pipelines;
    expect(a).toMatchObject({ name: 'a', runs: 'previous', source: { file: 'a.yaml', line: 8 } });
    expect(b).toMatchObject({ name: 'b', runs: 'current', source: { file: 'a.yaml', line: 14 } });
    const { line, endLine } = a!.source!;
    for (const { span } of document.issues) {
      expect(span!.line >= line && span!.line <= endLine).toBe(true);
    }
    expect(document.files[0]!.text.split('\n')[line - 1]).toBe(PIPELINE.split('\n')[0]);
    expect(a!.blocks.map((block) => block.line)).toContain(12);
    expect(Math.min(...a!.blocks.map((block) => block.line))).toBeGreaterThanOrEqual(line);
    const picture = withPlacesNow(describeFlow(next.topology), next, next);
    const lineOf = (id: string) => picture.nodes.find((node) => node.id === id)?.source?.line;
    expect([lineOf('backend/tracepipeline-a'), lineOf('backend/tracepipeline-b')]).toEqual([12, 18]);
    expect(pipelineRefs(next, next).map(({ source }) => source)).toEqual(['a.yaml:8', 'a.yaml:14']);
  });

  it('is that too where the engine refused the new version as a whole', () => {
    const refused = read(`${comments}${PIPELINE}---\n${OTHER}`);
    const [a] = documentOf(first, refused).pipelines;
    expect(a).toMatchObject({ runs: 'previous', source: { line: 8 } });
    expect(pipelineRefs(first, refused)[0]!.source).toBe('a.yaml:8');
  });

  it('is where it was where no file says it any more', () => {
    const [a] = documentOf(first, read('a: [', first)).pipelines;
    expect(a).toMatchObject({ runs: 'previous', source: { line: 1 } });
    expect(a!.blocks.map((block) => block.line)).toContain(5);
  });
});
