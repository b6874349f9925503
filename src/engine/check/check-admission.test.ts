import { describe, expect, it } from 'vitest';
import { configOf } from '../../../test/testkit/engine.ts';
import { checkEngineConfig } from '../engine.ts';

const configWith = (extensions: Readonly<Record<string, unknown>>) =>
  configOf({ extensions, exporters: { debug: {} }, pipelines: { logs: { exporters: ['debug'] } } });

describe('sluice_admission', () => {
  it('takes who a sender is and what signals count for', () => {
    const settings = { senders: { by: 'service' }, priority: { traces: 10, metrics: 1, logs: 5 } };
    expect(checkEngineConfig(configWith({ sluice_admission: settings }))).toEqual([]);
    expect(checkEngineConfig(configWith({ sluice_admission: {} }))).toEqual([]);
  });

  it.each([
    [{ senders: { by: 'tenant' } }, ['senders', 'by']],
    [{ priority: { logs: 11 } }, ['priority', 'logs']],
    [{ priority: { logs: 0 } }, ['priority', 'logs']],
    [{ priority: { profiles: 1 } }, ['priority', 'profiles']],
    [{ share: 4 }, ['share']],
  ])('names what is wrong with %j', (settings, path) => {
    const [issue, ...others] = checkEngineConfig(configWith({ sluice_admission: settings }));
    expect(others).toEqual([]);
    expect(issue).toMatchObject({ severity: 'error', path: ['extensions', 'sluice_admission', ...path] });
  });

  it('is one: a second one would be ignored', () => {
    expect(checkEngineConfig(configWith({ sluice_admission: {}, 'sluice_admission/2': {} }))).toMatchObject([
      { code: 'SL0105', path: ['service', 'extensions', 1] },
    ]);
  });
});
