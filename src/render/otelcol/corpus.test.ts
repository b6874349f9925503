import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileFiles } from '../../cli/compile.ts';
import { renderShort } from '../../diagnostics/index.ts';
import { checkEngineConfig } from '../../engine/index.ts';
import { encodeEnvValue, loadConfig, resolveEnvRefs } from '../../otelcol/index.ts';
import type { DistributionName } from '../../topology/index.ts';
import { renderedYaml } from './rendered-yaml.ts';

/**
 * Every folder of test/corpus is a case: input.yaml and, beside it, the configuration for the stock Collector, the one for
 * the engine where it differs, and likewise the issues where there are some. SLUICE_UPDATE_GOLDEN=1 rewrites what is beside it.
 */
const corpus = join(import.meta.dirname, '../../../test/corpus');
const cases = readdirSync(corpus).filter((name) => existsSync(join(corpus, name, 'input.yaml')));
const update = process.env['SLUICE_UPDATE_GOLDEN'] === '1';

function compile(name: string, distribution: DistributionName) {
  const text = readFileSync(join(corpus, name, 'input.yaml'), 'utf8');
  return compileFiles([{ file: 'input.yaml', text }], {
    distribution,
    capBytes: 2 * 2 ** 30,
    addresses: () => ({
      otlpGrpc: '127.0.0.1:4317',
      otlpHttp: '127.0.0.1:4318',
      health: '127.0.0.1:13133',
      metrics: { host: '127.0.0.1', port: 8888 },
    }),
  });
}

function yamlFor(name: string, distribution: DistributionName): string | undefined {
  const [rendered] = compile(name, distribution).rendered;
  return rendered && renderedYaml(rendered);
}

function expectGolden(name: string, file: string, content: string | undefined): void {
  const path = join(corpus, name, file);
  if (update) {
    if (content === undefined) rmSync(path, { force: true });
    else writeFileSync(path, content);
  }
  expect(content, file).toBe(existsSync(path) ? readFileSync(path, 'utf8') : undefined);
}

describe.each(cases)('corpus %s', (name) => {
  it('renders what was reviewed', () => {
    const { issues } = compile(name, 'otelcol');
    const otelcol = yamlFor(name, 'otelcol');
    const engine = yamlFor(name, 'sluice');
    expectGolden(name, 'otelcol.yaml', otelcol);
    expectGolden(name, 'engine.yaml', engine === otelcol ? undefined : engine);
    const report = renderShort(issues);
    const engineReport = renderShort(compile(name, 'sluice').issues);
    expectGolden(name, 'issues.txt', report || undefined);
    expectGolden(name, 'engine-issues.txt', engineReport === report ? undefined : engineReport);
  });

  it.each(['otelcol', 'sluice'] as const)('renders for %s what the loader reads back', (distribution) => {
    const [rendered] = compile(name, distribution).rendered;
    if (rendered === undefined) throw new Error('nothing was rendered');
    const env = Object.fromEntries(
      Object.entries(rendered.secrets).map(([variable, value]) => [variable, encodeEnvValue(value)]),
    );
    const loaded = loadConfig(renderedYaml(rendered), 'rendered.yaml', { env });
    expect(loaded.issues).toEqual([]);
    expect(loaded.config).toEqual(resolveEnvRefs(rendered.config, rendered.secrets));
  });
});

it.each(cases)('the engine can execute %s', (name) => {
  const { config, secrets } = compile(name, 'sluice').rendered[0]!;
  expect(checkEngineConfig(resolveEnvRefs(config, secrets))).toEqual([]);
});

it('has cases', () => {
  expect(cases.length).toBeGreaterThan(20);
});
