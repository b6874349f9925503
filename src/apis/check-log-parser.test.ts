// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what Fluent Bit would expand
import { describe, expect, it } from 'vitest';
import { BUILT_IN_MULTILINE_PARSERS, SHIPPED_PARSERS } from '../fluentbit/index.ts';
import { readResources } from './read-resources.ts';

const manifest = (name: string, parser: string) =>
  JSON.stringify({
    apiVersion: 'telemetry.kyma-project.io/v1alpha1',
    kind: 'LogParser',
    metadata: { name },
    spec: { parser },
  });

const read = (...manifests: readonly string[]) => readResources([{ file: 'a.yaml', text: manifests.join('\n---\n') }]);

describe('a LogParser', () => {
  it('is a parser, or a multiline parser when it has rules', () => {
    const rules = 'Type regex\nRule "start_state" "/^[A-Z]/" "cont"\nRule "cont" "/^ /" "cont"';
    const { parsers, issues } = read(manifest('b', rules), manifest('a', '# json\n\n  Format  json\n  Time_Key time'));
    expect(issues).toEqual([]);
    expect(parsers.map(({ parser }) => parser)).toMatchObject([
      {
        name: 'a',
        kind: 'parser',
        entries: [
          { key: 'format', value: 'json' },
          { key: 'time_key', value: 'time' },
        ],
      },
      { name: 'b', kind: 'multiline', entries: [{ key: 'type' }, { key: 'rule' }, { key: 'rule' }] },
    ]);
  });

  it.each([
    ['Format', 'SL0130'],
    ['Name mine\nFormat json', 'SL0105'],
    ['NAME mine\nFormat json', 'SL0105'],
    ['[PARSER]\nFormat json', 'SL0130'],
    ['@SET a=b\nFormat json', 'SL0130'],
    ['Format json\nTime_Key ${HOME}', 'SL0135'],
    ['Format json\nTimeKey x', 'SL0132'],
    ['Time_Key x', 'SL0133'],
    ['Format regex\nRegex ^(?<a>x', 'SL0133'],
    ['Format json\nTime_Keep maybe', 'SL0133'],
    ['Type regex\nParser unknown\nRule "start_state" "/a/"', 'SL0133'],
  ])('%j is refused, and the others stay', (parser, code) => {
    const { parsers, issues } = read(manifest('broken', parser), manifest('other', 'Format json'));
    expect(issues).toMatchObject([{ code, severity: 'error' }]);
    expect(parsers.map((one) => one.parser.name)).toEqual(['other']);
  });

  it.each([...SHIPPED_PARSERS, ...BUILT_IN_MULTILINE_PARSERS].filter((name) => !name.includes('_')))(
    'cannot be called %s as a parser of Fluent Bit is',
    (name) => {
      expect(read(manifest(name, 'Format json')).issues).toMatchObject([{ code: 'SL0137' }]);
    },
  );

  it('has a name that no other has', () => {
    const { parsers, issues } = read(manifest('a', 'Format json'), manifest('a', 'Format logfmt'));
    expect(issues).toMatchObject([{ code: 'SL0403' }]);
    expect(parsers).toHaveLength(1);
  });
});
