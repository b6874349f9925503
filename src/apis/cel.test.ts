import { describe, expect, it } from 'vitest';
import { type Path, parseYamlDocuments, SourceDocument } from '../diagnostics/index.ts';
import { checkOldRules } from './check-manifest.ts';
import { checkTelemetry } from './check-telemetry.ts';
import { newerDocument } from './conversion.ts';
import { BREAKS, manifestWith, ON_UPDATE, RULES, type Rule } from './corpus/broken-rules.ts';
import { PIPELINE_KINDS } from './kinds.ts';
import { nodeOf } from './node-edit.ts';
import type { PipelineKind } from './resource.ts';
import { checkRules } from './rules/check-rules.ts';

function findings(rule: Rule): readonly { readonly code: string; readonly path?: Path }[] {
  const manifest = manifestWith(rule);
  const [document] = parseYamlDocuments(JSON.stringify(manifest), 'f').documents;
  if (rule.kind === 'Telemetry') return checkTelemetry(rule.apiVersion, document!);
  const kind = rule.kind as PipelineKind;
  // What is inside a field that is not supported yet is refused with the field; the rule itself must see it too.
  const converted = rule.apiVersion.endsWith('v1alpha1') ? newerDocument(kind, nodeOf(manifest)) : nodeOf(manifest);
  const own = checkRules(kind, new SourceDocument('f', converted));
  return [...own, ...checkOldRules(document!)];
}

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
    const related = findings(rule).filter(({ path = [] }) => {
      const length = Math.min(path.length, rule.path.length);
      return rule.path.slice(0, length).every((step, index) => step === path[index]);
    });
    expect(related.map(({ code }) => code)).toContainEqual(expect.stringMatching(/^SL01(02|05|08|09|12|13|14)$/));
  });
});
