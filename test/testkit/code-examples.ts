import { extensionIssues, readResources } from '../../src/apis/index.ts';
import { compileFiles, STOCK_ADDRESSES } from '../../src/cli/compile.ts';
import { engineIssues } from '../../src/cli/engine-issues.ts';
import { type Issue, renderHuman } from '../../src/diagnostics/index.ts';
import { loadConfig } from '../../src/otelcol/index.ts';
import { podAddresses } from '../../src/render/index.ts';
import { selfSigned } from './tls/authority.ts';

/** Where the examples of diagnostic codes stand, and what reads them there. */

const FILE = 'a.yaml';
const NOW = Date.UTC(2026, 10, 22);
const DAY_MS = 86_400_000;
const PIPELINES = ['TracePipeline', 'MetricPipeline', 'LogPipeline'];

/** Where an example may stand in a pipeline, with what has to stand beside it. */
const PLACES: readonly { readonly path: readonly string[]; readonly beside: string }[] = [
  { path: [], beside: '' },
  { path: [], beside: 'spec: {output: {stdout: {}}}' },
  { path: ['spec'], beside: '' },
  { path: ['spec'], beside: 'output: {stdout: {}}' },
  { path: ['spec'], beside: 'output: {custom: "Name null"}' },
  { path: ['spec'], beside: 'output: {otlp: {endpoint: {value: "https://backend:4317"}}}' },
  { path: ['spec', 'output'], beside: '' },
  { path: ['spec', 'output', 'otlp'], beside: '' },
  { path: ['spec', 'output', 'otlp'], beside: 'endpoint: {value: "https://backend:4317"}' },
  { path: ['spec', 'output', 'otlp', 'endpoint'], beside: '' },
  { path: ['spec', 'output', 'file'], beside: 'path: x.jsonl' },
  { path: ['spec', 'input'], beside: '' },
  { path: ['spec', 'input', 'prometheus'], beside: '' },
  { path: ['spec', 'input', 'otlp'], beside: '' },
  { path: ['spec', 'delivery'], beside: '' },
];

const OUTPUT = 'output: {otlp: {endpoint: {value: "https://backend:4317"}}}';

/** The example as it stands, and in every place of every kind of pipeline; those of two examples are in the same order. */
export function documentsWith(example: string): readonly string[] {
  const text = example.replace(/, (?:in a [A-Za-z]+|with sluice up)$/, '');
  return [example, text, ...PIPELINES.flatMap((kind) => [...placed(kind, text), ...asRules(kind, text)])];
}

function placed(kind: string, text: string): readonly string[] {
  const head = ['apiVersion: telemetry.kyma-project.io/v1beta1', `kind: ${kind}`];
  return PLACES.flatMap(({ path, beside }) => {
    const metadata = text.startsWith('metadata') ? [] : ['metadata: {name: a}'];
    const lines = path.map((key, i) => `${'  '.repeat(i)}${key}:`);
    const body = [...text.split('\n'), beside].map((line) => `${'  '.repeat(path.length)}${line}`);
    const alone = [...head, ...metadata, ...lines, ...body];
    const isInput = path[1] === 'input' || path[1] === 'delivery';
    return [alone.join('\n'), ...(isInput ? [[...alone, `  ${OUTPUT}`].join('\n')] : [])];
  });
}

/** As rules: a statement, a condition, or one of each. */
function asRules(kind: string, text: string): readonly string[] {
  const [transform, filter] = ['transform', 'filter'].map((name) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1]);
  const entries = [
    {
      transform: [{ statements: [transform ?? text] }],
      ...(filter === undefined ? {} : { filter: [{ conditions: [filter] }] }),
    },
    { filter: [{ conditions: [text] }] },
  ];
  return entries.map((entry) => {
    const spec = { ...entry, output: { stdout: {} } };
    const resource = { apiVersion: 'telemetry.kyma-project.io/v1beta1', kind, metadata: { name: 'a' }, spec };
    return JSON.stringify(resource, undefined, 1);
  });
}

export interface Finding {
  readonly code: string;
  readonly severity: Issue['severity'];
  /** As people read it, with the caret. */
  readonly text: () => string;
}

/** What each reader of files finds: the engine, the stock Collector, it in a cluster, `--upstream`, and the engine as a Collector. */
export function findingsOf(text: string, certificateDays: number): readonly (readonly Finding[])[] {
  const files = [{ file: FILE, text }];
  const options = {
    distribution: 'sluice',
    capBytes: 2 ** 31,
    addresses: () => STOCK_ADDRESSES,
    secretFiles: [secretFile(certificateDays)],
    secretsRequired: true,
    nowMs: NOW,
  } as const;
  const cluster = { namespace: 'kyma-system', istio: false };
  const compiled = [
    options,
    { ...options, distribution: 'otelcol' as const },
    { ...options, distribution: 'otelcol' as const, cluster, addresses: podAddresses },
  ];
  const read = readResources(files);
  const all = [...compiled.map((one) => compileFiles(files, one).issues), extensionIssues(read), ofConfig(text)];
  return all.map((issues) =>
    issues.map((issue) => ({
      code: issue.code,
      severity: issue.severity,
      text: () => renderHuman([issue], { sources: read.sources, color: false, unicode: true, columns: 120 }),
    })),
  );
}

function ofConfig(text: string): readonly Issue[] {
  const loaded = loadConfig(text, FILE, { env: {} });
  return [...loaded.issues, ...engineIssues(loaded)];
}

const secretFiles = new Map<number, { readonly file: string; readonly text: string }>();

/** The Secret that examples refer to, with a certificate that is good for so many days more. */
function secretFile(days: number) {
  const known = secretFiles.get(days);
  if (known !== undefined) return known;
  const { certPem, keyPem } = selfSigned({
    notBefore: new Date(NOW - 365 * DAY_MS),
    notAfter: new Date(NOW + days * DAY_MS),
  });
  const certificates = { 'ca.crt': certPem, 'tls.crt': certPem, 'tls.key': keyPem };
  const stringData = { token: 'x', endpoint: 'localhost:4317', empty: '', ...certificates };
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'jaeger', namespace: 'obs' }, stringData };
  const file = { file: 'secrets.yaml', text: JSON.stringify(secret) };
  secretFiles.set(days, file);
  return file;
}
