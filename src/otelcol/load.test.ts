// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the Collector's references look like template strings
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadConfig } from './load.ts';

const MINIMAL = `
receivers: { otlp: { protocols: { grpc: } } }
exporters: { debug: }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [debug] }
`;

function load(text: string, env: Record<string, string> = {}) {
  const { config, issues } = loadConfig(text, 'c.yaml', { env });
  return {
    config,
    found: issues.map(({ code, severity, span }) => `${severity} ${code} ${span?.line}:${span?.column}`),
    issues,
  };
}

describe('loadConfig', () => {
  it('fills in the sections that are left out and takes components without settings', () => {
    const { config, found } = load(MINIMAL);
    expect(found).toEqual([]);
    expect(config).toEqual({
      receivers: { otlp: { protocols: { grpc: null } } },
      processors: {},
      connectors: {},
      exporters: { debug: {} },
      extensions: {},
      service: { extensions: [], pipelines: { traces: { receivers: ['otlp'], processors: [], exporters: ['debug'] } } },
    });
  });

  it('reports all wrong names at once, each at its place', () => {
    const { config, issues } = load(`
recievers: {}
receivers: { otlp: }
service:
  pipelines:
    traces: { receivers: otlp }
`);
    expect(config).toBeUndefined();
    expect(issues.map(({ code, message, span }) => [code, message, span?.line])).toEqual([
      ['SL0101', 'unknown setting `recievers`', 2],
      ['SL0103', '`service.pipelines.traces.receivers` must be a list', 6],
      ['SL0102', '`service.pipelines.traces.exporters` is required', 6],
    ]);
  });

  it('reports a pipeline that names a component nobody defined, and what it may have meant', () => {
    const { issues } = load(MINIMAL.replace('[debug]', '[debgu]'));
    expect(issues.map(({ code, message, help, span }) => [code, message, help, span?.line, span?.column])).toEqual([
      ['SL0411', 'exporter `debgu` is not defined', 'did you mean `debug`?', 6, 46],
      ['SL0414', 'exporter `debug` is not used', 'name it in a pipeline, or remove it', 3, 14],
    ]);
  });

  it('reports an extension that is enabled but not defined, and one that is defined but not enabled', () => {
    const { found } = load(`${MINIMAL}  extensions: [health_check]\nextensions: { file_storage: }\n`);
    expect(found).toEqual(['error SL0411 7:16', 'warning SL0414 8:15']);
  });

  it.each([
    ['no pipeline begins with it', 'receivers: [otlp], exporters: [forward]', ''],
    ['no pipeline ends in it', 'receivers: [forward], exporters: [debug]', ''],
    [
      'only a pipeline of another signal begins with it',
      'receivers: [otlp], exporters: [forward]',
      'logs: { receivers: [forward], exporters: [debug] }',
    ],
  ])('reports a connector when %s', (_, traces, other) => {
    const { issues } = load(`
receivers: { otlp: }
connectors: { forward: }
exporters: { debug: }
service:
  pipelines:
    traces: { ${traces} }
    ${other}
`);
    expect(issues.filter(({ severity }) => severity === 'error').map(({ code }) => code)).toContain('SL0412');
  });

  it('reports pipelines that feed each other in a circle', () => {
    const { issues } = load(`
receivers: { otlp: }
connectors: { forward/1: , forward/2: }
exporters: { debug: }
service:
  pipelines:
    traces/in: { receivers: [otlp], exporters: [forward/1] }
    traces/a: { receivers: [forward/1, forward/2], exporters: [forward/2, debug] }
`);
    expect(issues).toMatchObject([{ code: 'SL0413', notes: ['traces/a → traces/a'] }]);
  });

  it.each([
    ['exporters: { "otlp grpc": }', 'SL0415'],
    ['exporters: { debug/: }', 'SL0415'],
    ['exporters: { 1debug: }', 'SL0415'],
    ['connectors: { otlp: }', 'SL0415'],
  ])('refuses the id in %s', (section, code) => {
    const { issues } = load(`${MINIMAL.replace('exporters: { debug: }', '')}${section}\n`);
    expect(issues).toContainEqual(expect.objectContaining({ severity: 'error', code }));
  });

  it('refuses a pipeline of a signal that does not exist', () => {
    expect(load(MINIMAL.replace('traces:', 'trace:')).issues).toMatchObject([{ code: 'SL0415', span: { line: 6 } }]);
  });

  it('refuses a processor named twice in one pipeline', () => {
    const text = MINIMAL.replace('exporters: [debug]', 'processors: [batch, batch], exporters: [debug]');
    expect(load(`processors: { batch: }${text}`).found).toEqual(['error SL0419 6:54']);
  });

  it('points at a second document, which the Collector does not read', () => {
    expect(load(`${MINIMAL}---\nfoo: 1\n`).found).toEqual(['warning SL0418 8:1']);
  });

  it('says so when the file is empty', () => {
    expect(load('# nothing\n').issues).toMatchObject([{ code: 'SL0102', message: 'the configuration is empty' }]);
  });

  it('answers any text with a configuration or with issues, and never throws', () => {
    const piece = fc.constantFrom(
      ...[
        'receivers',
        'service',
        'pipelines',
        'traces',
        'otlp',
        'exporters',
        'debug',
        '${env:A}',
        '$',
        '{',
        '}',
        '[',
        ']',
      ],
      ...[':', ' ', '\n', '  ', '- ', ',', '"', '&a', '*a', '<<', '#', '\t', 'null', '1', '---\n'],
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(text, (mess) => {
        for (const candidate of [mess, MINIMAL + mess, MINIMAL.replace('debug', () => mess)]) {
          const { config, issues } = loadConfig(candidate, 'c.yaml', { env: { A: mess } });
          expect(config !== undefined || issues.some(({ severity }) => severity === 'error')).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});
