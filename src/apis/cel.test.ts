import { describe, expect, it } from 'vitest';
import { BREAKS, manifestWith, ON_UPDATE, RULES } from './corpus/broken-rules.ts';
import { offlineErrors } from './corpus/offline-errors.ts';
import { PIPELINE_KINDS } from './kinds.ts';

describe('rules of the CRDs', () => {
  it('are all known here', () => {
    const messages = new Set(RULES.map(({ message }) => message));
    expect([...messages].sort()).toEqual([...Object.keys(BREAKS), ...ON_UPDATE].sort());
    for (const kind of PIPELINE_KINDS) expect(RULES.filter((rule) => rule.kind === kind).length).toBeGreaterThan(20);
  });

  it.each(
    RULES.filter(({ message }) => !ON_UPDATE.includes(message)).map(
      (rule) => [rule.kind, rule.apiVersion.split('/')[1], rule.path.join('.'), rule.message, rule] as const,
    ),
  )('%s %s %s: %s, offline too', (_kind, _version, _path, _message, rule) => {
    const related = offlineErrors(manifestWith(rule)).filter(({ path = [] }) => {
      const length = Math.min(path.length, rule.path.length);
      return rule.path.slice(0, length).every((step, index) => step === path[index]);
    });
    expect(related.map(({ code }) => code)).toContainEqual(expect.stringMatching(/^SL01(02|05|08|09|12|13|14)$/));
  });
});
