import { describe, expect, it } from 'vitest';
import { readResources } from './index.ts';

const telemetry = (name: string, rest = '') =>
  `apiVersion: operator.kyma-project.io/v1beta1\nkind: Telemetry\nmetadata: { name: ${name} }\n${rest}`;
const read = (...texts: string[]) => readResources([{ file: 'f.yaml', text: texts.join('\n---\n') }]);

describe('Telemetry', () => {
  it('gives what the user wrote, and nothing else', () => {
    const { telemetry: loaded, resourceCount } = read(
      telemetry(
        'default',
        'spec: { topology: { type: Shared }, collector: null, trace: { gateway: { memory: 1Gi } } }',
      ),
    );
    expect(loaded!.resource.spec).toEqual({ topology: { type: 'Shared' }, trace: { gateway: { memory: '1Gi' } } });
    expect(loaded!.document.spanOf(['spec', 'topology', 'type'])).toMatchObject({ line: 4 });
    expect(resourceCount).toBe(0);
  });

  it.each([['', 'spec:', 'spec: {}']])('has an empty spec when there is none: %j', (rest) => {
    expect(read(telemetry('default', rest)).telemetry!.resource.spec).toEqual({});
  });

  it('counts only under the name default', () => {
    const { telemetry: loaded, issues } = read(telemetry('other'), telemetry('default'));
    expect(loaded!.resource.metadata.name).toBe('default');
    expect(issues).toMatchObject([{ code: 'SL0321', severity: 'warning' }]);
  });

  it('is left out when it is wrong', () => {
    const { telemetry: loaded, issues } = read(telemetry('default', 'spec: { topology: { type: None } }'));
    expect(loaded).toBeUndefined();
    expect(issues).toMatchObject([{ code: 'SL0104' }]);
  });

  it('counts once: the first', () => {
    const { telemetry: loaded, issues } = read(
      telemetry('default', 'spec: { topology: { type: Shared } }'),
      telemetry('default', 'spec: { topology: { type: PerSignal } }'),
    );
    expect(loaded!.resource.spec.topology).toEqual({ type: 'Shared' });
    expect(issues).toMatchObject([{ code: 'SL0403' }]);
  });
});
