import { describe, expect, it } from 'vitest';
import { extensionIssues, readResources } from '../apis/index.ts';
import { CODES } from '../diagnostics/index.ts';
import { checkEngineConfig } from '../engine/index.ts';
import { loadConfig } from '../otelcol/index.ts';
import { compileFiles, STOCK_ADDRESSES } from './compile.ts';

/** Codes that no text of a file can lead to: a bug, a limit, a name on the command line, the day. */
const NOT_IN_A_FILE = new Set(['SL0000', 'SL0004', 'SL0213', 'SL0404', 'SL0409', 'SL0410']);

/** Where the example may stand in a pipeline, with what has to stand beside it. */
const PLACES: readonly { readonly path: readonly string[]; readonly beside: string }[] = [
  { path: [], beside: '' },
  { path: ['spec'], beside: '' },
  { path: ['spec'], beside: 'output: {stdout: {}}' },
  { path: ['spec'], beside: 'output: {custom: "Name null"}' },
  { path: ['spec'], beside: 'output: {otlp: {endpoint: {value: "https://backend:4317"}}}' },
  { path: ['spec', 'output'], beside: '' },
  { path: ['spec', 'output', 'otlp'], beside: '' },
  { path: ['spec', 'output', 'otlp'], beside: 'endpoint: {value: "https://backend:4317"}' },
  { path: ['spec', 'output', 'file'], beside: 'path: x.jsonl' },
  { path: ['spec', 'input'], beside: '' },
  { path: ['spec', 'input', 'prometheus'], beside: '' },
];

const SECRETS = {
  file: 'secrets.yaml',
  text: 'apiVersion: v1\nkind: Secret\nmetadata: {name: jaeger, namespace: obs}\nstringData: {token: x, empty: ""}\n',
};

function codesOf(text: string): readonly string[] {
  const files = [{ file: 'a.yaml', text }];
  const options = {
    distribution: 'sluice',
    capBytes: 2 ** 31,
    addresses: () => STOCK_ADDRESSES,
    secretFiles: [SECRETS],
    secretsRequired: true,
  } as const;
  const cluster = { namespace: 'kyma-system', istio: false };
  const stock = { ...options, distribution: 'otelcol' } as const;
  const issues = [options, stock, { ...options, cluster }].flatMap((one) => compileFiles(files, one).issues);
  const loaded = loadConfig(text, 'a.yaml', { env: {} });
  const ofConfig = loaded.config === undefined ? [] : checkEngineConfig(loaded.config);
  return [...issues, ...extensionIssues(readResources(files)), ...loaded.issues, ...ofConfig].map(({ code }) => code);
}

/** The example as it stands, and in every place of every kind of pipeline. */
function* documents(example: string): Generator<string> {
  yield example;
  for (const kind of ['TracePipeline', 'MetricPipeline', 'LogPipeline']) {
    const head = ['apiVersion: telemetry.kyma-project.io/v1beta1', `kind: ${kind}`];
    for (const { path, beside } of PLACES) {
      const name = example.startsWith('metadata') ? [] : ['metadata: {name: a}'];
      const lines = path.map((key, i) => `${'  '.repeat(i)}${key}:`);
      const body = [...example.split('\n'), beside].map((line) => `${'  '.repeat(path.length)}${line}`);
      yield [...head, ...name, ...lines, ...body].join('\n');
    }
  }
  // A buffer belongs to a pipeline whose output can make data wait.
  const output = 'spec: {output: {otlp: {endpoint: {value: "http://b:4317"}}}, delivery: {';
  yield `apiVersion: telemetry.kyma-project.io/v1beta1\nkind: TracePipeline\nmetadata: {name: a}\n${output}${example.replace(/ *#.*/, '')}}}`;
}

/** The example as rules of every kind of pipeline: a statement, a condition, or one of each. */
function* rules(example: string): Generator<string> {
  const [transform, filter] = ['transform', 'filter'].map(
    (name) => new RegExp(`^${name}: (.*)$`, 'm').exec(example)?.[1],
  );
  const text = example.replace(/, in a [A-Za-z]+$/, '');
  const entries = [
    {
      transform: [{ statements: [transform ?? text] }],
      ...(filter === undefined ? {} : { filter: [{ conditions: [filter] }] }),
    },
    { filter: [{ conditions: [text] }] },
  ];
  for (const kind of ['TracePipeline', 'MetricPipeline', 'LogPipeline']) {
    for (const entry of entries) {
      const spec = { ...entry, output: { stdout: {} } };
      yield JSON.stringify({ apiVersion: 'telemetry.kyma-project.io/v1beta1', kind, metadata: { name: 'a' }, spec });
    }
  }
}

describe('the example of a code', () => {
  const inFiles = CODES.filter(({ code }) => /^SL0[0-4]/.test(code) && !NOT_IN_A_FILE.has(code));

  it.each(inFiles.map(({ code, example }) => [code, example] as const))('leads to %s', (code, example) => {
    expect([...documents(example), ...rules(example)].some((text) => codesOf(text).includes(code))).toBe(true);
  });
});
