/**
 * A unit test of a pipeline, as people write it:
 *
 *     apiVersion: sluice.io/v1alpha1
 *     kind: PipelineTest
 *     metadata: { name: drop-health-checks }
 *     spec:
 *       pipeline: TracePipeline/jaeger
 *       input:
 *         - span: { name: GET /healthz }
 *           resource: { service.name: checkout }
 *       expect: []
 */
import type { Static, TSchema } from 'typebox';
import {
  checkSchema,
  formatPath,
  type Issue,
  type JsonSchema,
  type Path,
  parseYamlDocuments,
  type SourceDocument,
} from '../diagnostics/index.ts';
import { Type } from '../lib/index.ts';
import type { Signal } from '../pdata/index.ts';
import { type PipelineKind, SIGNAL_OF_KIND } from '../pipeline/index.ts';
import { type Item, type OtlpObject, SUBJECT } from './item.ts';
import { type PlainProblem, plainAttributes, plainMessage } from './plain-message.ts';

export const TEST_API_VERSION = 'sluice.io/v1alpha1';
export const TEST_KIND = 'PipelineTest';

const closed = { additionalProperties: false };
const Fields = Type.Unsafe<Readonly<Record<string, unknown>>>({ type: 'object' });

const ItemSchema = Type.Partial(
  Type.Object({ span: Fields, metric: Fields, log: Fields, resource: Fields, scope: Fields, otlpFile: Type.String() }),
  closed,
);
const ExpectedSchema = Type.Partial(
  Type.Object({ span: Fields, metric: Fields, log: Fields, resource: Fields, scope: Fields }),
  closed,
);
const Count = Type.Integer({ minimum: 0 });

const PipelineTestSchema = Type.Object(
  {
    apiVersion: Type.String(),
    kind: Type.String(),
    metadata: Type.Object({ name: Type.String({ minLength: 1 }) }),
    spec: Type.Object(
      {
        pipeline: Type.String({ pattern: '^(TracePipeline|MetricPipeline|LogPipeline)/.+$' }),
        input: Type.Array(ItemSchema),
        expect: Type.Optional(Type.Array(ExpectedSchema)),
        count: Type.Optional(Count),
        dropped: Type.Optional(Count),
      },
      closed,
    ),
  },
  closed,
);
type Written = Static<typeof PipelineTestSchema>;

/** Items to send, or the name of a file of OTLP/JSON that holds them. */
export type TestInput = { readonly item: Item } | { readonly otlpFile: string };

export interface PipelineTest {
  readonly name: string;
  readonly kind: PipelineKind;
  readonly pipeline: string;
  readonly signal: Signal;
  readonly input: readonly TestInput[];
  /** What comes out, in order, as far as it is written; absent: not looked at. */
  readonly expect?: readonly ExpectedItem[];
  /** How many come out, and how many are dropped. */
  readonly count?: number;
  readonly dropped?: number;
  readonly document: SourceDocument;
}

/** An item of which only what is written must be so. A null attribute must be missing. */
export interface ExpectedItem {
  readonly item: Item;
  /** Paths of attributes that must be missing: `span.attributes["auth"]`. */
  readonly missing: readonly string[];
}

export interface ReadTests {
  readonly tests: readonly PipelineTest[];
  readonly issues: readonly Issue[];
}

/** The tests of a file; documents of other kinds are left to others. */
export function readPipelineTests({ file, text }: { readonly file: string; readonly text: string }): ReadTests {
  const { documents, issues } = parseYamlDocuments(text, file);
  const tests: PipelineTest[] = [];
  const found: Issue[] = [...issues];
  for (const document of documents) {
    if ((document.value as { readonly kind?: unknown } | null)?.kind !== TEST_KIND) continue;
    const problems = checkSchema(document.value, PipelineTestSchema as TSchema as JsonSchema, { document });
    if (problems.length > 0) found.push(...problems);
    else {
      const reading = new TestReading(document);
      const test = reading.read();
      found.push(...reading.issues);
      if (reading.issues.length === 0) tests.push(test);
    }
  }
  return { tests, issues: found };
}

class TestReading {
  readonly issues: Issue[] = [];
  readonly #document: SourceDocument;
  readonly #written: Written;
  readonly #signal: Signal;

  constructor(document: SourceDocument) {
    this.#document = document;
    this.#written = document.value as Written;
    this.#signal = SIGNAL_OF_KIND[this.#written.spec.pipeline.split('/')[0] as PipelineKind];
  }

  read(): PipelineTest {
    const { metadata, spec } = this.#written;
    const [kind, ...name] = spec.pipeline.split('/');
    if (this.#written.apiVersion !== TEST_API_VERSION) this.#report(['apiVersion'], `must be ${TEST_API_VERSION}`);
    if (spec.expect === undefined && spec.count === undefined && spec.dropped === undefined) {
      this.#report(['spec'], 'must say what is expected: `expect`, `count` or `dropped`');
    }
    return {
      name: metadata.name,
      kind: kind as PipelineKind,
      pipeline: name.join('/'),
      signal: this.#signal,
      input: spec.input.map((one, index) => this.#input(one, ['spec', 'input', index])),
      ...(spec.expect === undefined
        ? {}
        : { expect: spec.expect.map((one, index) => this.#expected(one, ['spec', 'expect', index])) }),
      ...(spec.count === undefined ? {} : { count: spec.count }),
      ...(spec.dropped === undefined ? {} : { dropped: spec.dropped }),
      document: this.#document,
    };
  }

  #input(written: Static<typeof ItemSchema>, path: Path): TestInput {
    const { otlpFile, ...rest } = written;
    if (otlpFile === undefined) {
      if (written[SUBJECT[this.#signal]] === undefined) {
        this.#report(path, `must have a \`${SUBJECT[this.#signal]}\`, or name an \`otlpFile\``);
      }
      return { item: this.#item(rest, path) };
    }
    if (Object.keys(rest).length > 0) this.#report([...path, 'otlpFile'], 'stands alone: it holds whole items');
    return { otlpFile };
  }

  #expected(written: Static<typeof ExpectedSchema>, path: Path): ExpectedItem {
    const subject = SUBJECT[this.#signal];
    const missing = [
      ...missingOf(written.resource, 'resource'),
      ...missingOf(written.scope?.['attributes'], 'scope'),
      ...missingOf(written[subject]?.['attributes'], subject),
    ];
    return { item: this.#item(written, path), missing };
  }

  #item(written: Static<typeof ExpectedSchema>, path: Path): Item {
    const subject = SUBJECT[this.#signal];
    for (const other of Object.values(SUBJECT)) {
      if (other !== subject && written[other] !== undefined) {
        this.#report([...path, other], `is nothing that a pipeline for ${this.#signal} gets; write \`${subject}\``);
      }
    }
    const message = { span: 'Span', metric: 'Metric', log: 'LogRecord' } as const;
    const { resource = {}, scope = {} } = written;
    const problems: PlainProblem[] = [];
    const item = {
      signal: this.#signal,
      resource: { attributes: plainAttributes(resource as OtlpObject, problems, ['resource']) },
      scope: plainMessage('InstrumentationScope', scope, problems, ['scope']),
      subject: plainMessage(message[subject], written[subject] ?? {}, problems, [subject]),
    };
    for (const problem of problems) this.#report([...path, ...problem.path], problem.message, problem.part);
    return item;
  }

  #report(path: Path, complaint: string, part: 'key' | 'value' = 'value'): void {
    this.issues.push({
      code: 'SL0105',
      severity: 'error',
      message: `\`${formatPath(path)}\` ${complaint}`,
      path,
      span: this.#document.spanOf(path, part) ?? this.#document.nearestSpan(path),
    });
  }
}

function missingOf(attributes: unknown, owner: string): readonly string[] {
  if (typeof attributes !== 'object' || attributes === null) return [];
  return Object.entries(attributes)
    .filter(([, value]) => value === null)
    .map(([key]) => `${owner}.attributes[${JSON.stringify(key)}]`);
}
