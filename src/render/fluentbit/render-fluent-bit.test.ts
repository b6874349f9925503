import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compileFiles } from '../../cli/compile.ts';
import { podAddresses } from '../otelcol/pod-addresses.ts';
import { CONFIG_FILE } from './names.ts';

const folder = join(import.meta.dirname, '../../../test/corpus/fluent-bit-sections');
const at = (file: string) => ({ file, text: readFileSync(join(folder, file), 'utf8') });

function rendered(withSecrets: boolean) {
  const { fluentBit } = compileFiles([at('input.yaml')], {
    distribution: 'otelcol',
    cluster: { namespace: 'kyma-system', istio: false },
    addresses: podAddresses,
    ...(withSecrets ? { secretFiles: [at('secrets.yaml')] } : {}),
  });
  return fluentBit!;
}

it('every section that a user asked for is traced to its field', () => {
  const { files, sourceMap } = rendered(true);
  const lines = files[CONFIG_FILE]!.split('\n');
  const traced = Object.entries(sourceMap).map(([place, { field }]) => {
    const line = Number(place.slice(CONFIG_FILE.length + 1));
    const name = /^ +name +(.*)$/.exec(lines[line]!)?.[1];
    return `${lines[line - 1]} ${name} ${field}`;
  });
  expect(traced).toContain('[FILTER] grep spec.filters[0].custom');
  expect(traced).toContain('[FILTER] multiline spec.filters[1].custom');
  expect(traced).toContain('[INPUT] tail spec.input.runtime');
  expect(traced).toContain('[OUTPUT] s3 spec.output.custom');
});

it('files are the same whether Secrets are at hand or not; the values are beside them', () => {
  const [known, unknown] = [rendered(true), rendered(false)];
  expect(unknown.files).toEqual(known.files);
  expect(Object.values(known.files).join()).not.toContain('CANARY');
  expect(known.secrets).toMatchObject({ SLUICE_FLB_SECTIONS_var_TOKEN: 'CANARY' });
  expect(known.missingSecrets).toEqual({});
  expect(unknown.missingSecrets).toMatchObject({
    SLUICE_FLB_SECTIONS_var_TOKEN: { from: [{ namespace: 'obs', name: 'backend', key: 'token' }] },
  });
});
