import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * The table of allowed imports: module → modules. Modules meet only at their index.ts; cycles are refused.
 * Changing the layout means changing this table in the same step.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  diagnostics: ['lib'],
  pdata: ['lib'],
  flow: ['lib', 'pdata'],
  otlp: ['lib', 'pdata', 'flow'],
  otelcol: ['lib', 'diagnostics', 'pdata'],
  fluentbit: ['lib', 'diagnostics'],
  ottl: ['lib', 'diagnostics', 'pdata'],
  apis: ['lib', 'diagnostics', 'pdata', 'otelcol', 'fluentbit'],
  pipeline: ['lib', 'diagnostics', 'pdata', 'otelcol', 'fluentbit', 'ottl', 'apis'],
  topology: ['lib', 'diagnostics', 'pdata', 'otelcol', 'apis', 'pipeline'],
  render: ['lib', 'diagnostics', 'pdata', 'flow', 'otelcol', 'fluentbit', 'pipeline', 'topology'],
  engine: ['lib', 'diagnostics', 'pdata', 'flow', 'otlp', 'otelcol', 'ottl', 'kube'],
  preview: ['lib', 'diagnostics', 'pdata', 'otlp', 'ottl', 'pipeline'],
  load: ['lib', 'pdata', 'flow', 'otlp'],
  lab: ['lib', 'diagnostics', 'pdata', 'flow', 'otlp', 'otelcol', 'topology', 'load', 'kube'],
  server: ['lib', 'diagnostics', 'pdata', 'flow', 'otlp'],
  kube: ['lib'],
  operator: [
    'lib',
    'diagnostics',
    'pdata',
    'flow',
    'otelcol',
    'fluentbit',
    'apis',
    'pipeline',
    'topology',
    'render',
    'kube',
  ],
  cli: [
    'lib',
    'diagnostics',
    'pdata',
    'flow',
    'otlp',
    'otelcol',
    'fluentbit',
    'ottl',
    'apis',
    'pipeline',
    'topology',
    'render',
    'engine',
    'preview',
    'load',
    'lab',
    'server',
    'kube',
    'operator',
  ],
};

/** Modules that touch no clock, environment, randomness or `node:` module: same input, same bytes. */
const PURE = ['diagnostics', 'pdata', 'otelcol', 'fluentbit', 'ottl', 'apis', 'pipeline', 'topology', 'render', 'flow'];
const IMPURE =
  /\b(Math\.random|Date\.now|new Date\(\)|performance\.now|process\.|Buffer\.|setTimeout|setInterval|globalThis)\b/;

const src = resolve(import.meta.dirname, '../../src');

interface SourceFile {
  readonly path: string;
  readonly module: string;
  readonly text: string;
  readonly imports: readonly string[];
}

function sourceFiles(): readonly SourceFile[] {
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => {
      const text = readFileSync(join(src, path), 'utf8');
      const imports = [
        ...text.matchAll(/(?:^|\n)\s*(?:import|export)\b[^;'"]*?from\s+'([^']+)'|\bimport\('([^']+)'\)/g),
      ];
      return { path, module: path.split('/')[0]!, text, imports: imports.map((match) => match[1] ?? match[2]!) };
    });
}

/** The path inside src that a relative import of `file` points to; undefined for packages and files outside src. */
function target(file: SourceFile, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const path = relative(src, resolve(src, dirname(file.path), specifier));
  return path.startsWith('..') ? undefined : path;
}

const files = sourceFiles();

describe('the import table', () => {
  it('names every module', () => {
    expect([...new Set(files.map((file) => file.module))].filter((module) => ALLOWED[module] === undefined)).toEqual(
      [],
    );
  });

  it('is kept: a module imports only what the table allows, at its index.ts', () => {
    const broken: string[] = [];
    for (const file of files) {
      for (const specifier of file.imports) {
        const path = target(file, specifier);
        const module = path?.split('/')[0];
        if (path === undefined || module === undefined || module === file.module) continue;
        if (!ALLOWED[file.module]?.includes(module)) broken.push(`${file.path} may not import ${module}`);
        else if (path !== `${module}/index.ts`)
          broken.push(`${file.path} reaches into ${path}; import ${module}/index.ts`);
      }
    }
    expect(broken).toEqual([]);
  });

  it('takes only types from typebox, as loading it costs every process 80 ms: `Type` of src/lib makes schemas', () => {
    const loading = files.filter(({ text }) => /(?:^|\n)import (?!type )[^;]*? from 'typebox'/.test(text));
    expect(loading.map((file) => file.path)).toEqual([]);
  });

  it('has no cycles between files', () => {
    expect(
      findCycle(
        new Map(
          files.map((file) => [file.path, file.imports.map((s) => target(file, s)).filter((p) => p !== undefined)]),
        ),
      ),
    ).toBeUndefined();
  });
});

describe('the pure set', () => {
  it('imports no node: module', () => {
    const impure = files.filter(
      (file) => [...PURE, 'lib'].includes(file.module) && file.imports.some((s) => s.startsWith('node:')),
    );
    expect(impure.map((file) => file.path)).toEqual([]);
  });

  it('reads no clock, environment or randomness', () => {
    const impure = files.filter((file) => PURE.includes(file.module)).flatMap((file) => impureLines(file));
    expect(impure).toEqual([]);
  });
});

function impureLines(file: SourceFile): readonly string[] {
  return file.text
    .split('\n')
    .map((line, i) => `${file.path}:${i + 1} ${line.trim()}`)
    .filter((line) => IMPURE.test(withoutTexts(line)) && !/^\S+ (\/\/|\*|\/\*)/.test(line));
}

/** An attribute such as `process.pid` is no process. */
function withoutTexts(line: string): string {
  return line.replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|String\.raw`[^`]*`/g, '');
}

function findCycle(graph: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (node: string): readonly string[] | undefined => {
    if (trail.includes(node)) return [...trail.slice(trail.indexOf(node)), node];
    if (done.has(node)) return undefined;
    trail.push(node);
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next);
      if (cycle !== undefined) return cycle;
    }
    trail.pop();
    done.add(node);
    return undefined;
  };
  for (const node of graph.keys()) {
    const cycle = visit(node);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
