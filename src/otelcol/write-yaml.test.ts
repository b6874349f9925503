// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the Collector's references look like template strings
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { componentId, type OtelcolConfig, pipelineId } from './config.ts';
import { EnvRef, encodeEnvValue, envRef, resolveEnvRefs } from './env-ref.ts';
import { loadConfig } from './load.ts';
import { writeYaml } from './write-yaml.ts';

/** Text that has broken some YAML writer or reader, or that a Collector would expand. */
const nasty = fc.constantFrom(
  ...[
    '',
    '$',
    '$$',
    '$1',
    '$$1',
    '${env:HOME}',
    '$${env:HOME}',
    '${file:/etc/passwd}',
    '${HOME}',
    '}${',
    'a: b',
    '- a',
    '# c',
  ],
  ...[
    'yes',
    'no',
    'on',
    'off',
    'y',
    'N',
    'true',
    'null',
    '~',
    '0x1F',
    '0777',
    '1_000',
    '1e3',
    '.inf',
    '2001-01-01',
    '12:34:56',
  ],
  ...[
    '18446744073709551616',
    '{1: 2}',
    '[',
    '"',
    "'",
    '\\',
    '\n',
    'a\n  b',
    '\t',
    ' lead',
    'trail ',
    '<<',
    '*a',
    '&a',
    '!t',
    '%',
    '@',
    '`',
  ],
  ...[
    '\u0000',
    '\u0007',
    '\u0085',
    '\u2028',
    '\ufeff',
    '\uffff',
    '💥',
    'é',
    '---',
    '...',
    '? a',
    '|',
    '>',
    '\r\n',
    '__proto__',
  ],
);
const text = fc.oneof(
  nasty,
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.tuple(nasty, fc.string(), nasty).map((parts) => parts.join('')),
);
const values = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, text, fc.integer(), fc.boolean(), fc.constant(null), tie('list'), tie('map')),
  list: fc.array(tie('value'), { maxLength: 4 }),
  map: fc.dictionary(text, tie('value'), { maxKeys: 4 }),
}));

function configWith(settings: Record<string, unknown>): OtelcolConfig {
  const otlp = componentId('otlp');
  const out = componentId('otlp_http', 'out');
  return {
    receivers: { [otlp]: {} },
    processors: {},
    connectors: {},
    exporters: { [out]: settings },
    extensions: {},
    service: {
      extensions: [],
      pipelines: { [pipelineId('traces')]: { receivers: [otlp], processors: [], exporters: [out] } },
    },
  };
}

function read(yaml: string, env: Record<string, string> = {}) {
  const { config, issues } = loadConfig(yaml, 'c.yaml', { env });
  expect(issues).toEqual([]);
  return config;
}

describe('writeYaml', () => {
  it('gives every value back, whatever text it holds', () => {
    fc.assert(
      fc.property(fc.dictionary(text, values.value, { maxKeys: 5 }), (settings) => {
        const config = configWith(settings);
        expect(read(writeYaml(config), { HOME: 'LEAK' })).toEqual(config);
      }),
      { numRuns: 500 },
    );
  });

  it('gives secrets back through the environment, whatever text they hold', () => {
    // An environment variable cannot hold a NUL.
    const secret = text.map((value) => value.replaceAll('\0', '').toWellFormed());
    fc.assert(
      fc.property(secret, (value) => {
        const config = configWith({ headers: { authorization: envRef('SECRET') } });
        const env = { SECRET: encodeEnvValue(value), HOME: 'LEAK' };
        expect(read(writeYaml(config), env)).toEqual(resolveEnvRefs(config, { SECRET: value }));
      }),
      { numRuns: 1000 },
    );
  });

  it('writes references only for EnvRef, never for text or objects that look like one', () => {
    const yaml = writeYaml(configWith({ a: envRef('A'), b: '${env:A}', c: { name: 'A' } }));
    expect(yaml.match(/\$+\{env:A\}/g)).toEqual(['${env:A}', '$${env:A}']);
    expect(() => new EnvRef('A} ${env:B')).toThrow();
  });

  it('sorts sections, components and pipelines, and keeps the order of settings', () => {
    const config = configWith({ z: 1, a: 2 });
    const shuffled: OtelcolConfig = {
      ...config,
      exporters: { ...config.exporters, [componentId('debug')]: {} },
      processors: { [componentId('batch', 'b')]: {}, [componentId('batch', 'a')]: {} },
    };
    const keys = [...writeYaml(shuffled).matchAll(/^ {0,4}([a-z_/]+):/gm)].map((match) => match[1]);
    expect(keys).toEqual(
      'receivers otlp processors batch/a batch/b exporters debug otlp_http/out z a service pipelines traces'.split(' '),
    );
  });

  it('comments blocks, and no comment can become content', () => {
    const yaml = writeYaml(configWith({ a: 1 }), {
      header: ['first\nreceivers: {}', 'second\u2028x: 1'],
      comments: { 'exporters/otlp_http/out': 'a\nb.yaml:3  spec.output' },
    });
    expect(yaml).toContain('  otlp_http/out:\n    # a b.yaml:3  spec.output\n    a: 1\n');
    expect(read(yaml)).toEqual(configWith({ a: 1 }));
  });
});
