import { checkSchema, type Issue, SourceDocument } from '../../diagnostics/index.ts';
import { checkLogParser } from '../check-log-parser.ts';
import { checkOldRules } from '../check-manifest.ts';
import { checkTelemetry } from '../check-telemetry.ts';
import { newerDocument } from '../conversion.ts';
import { manifestSchema, type ResourceKind } from '../kinds.ts';
import { nodeOf } from '../node-edit.ts';
import { OLD_API_VERSION, type PipelineKind } from '../resource.ts';
import { checkRules } from '../rules/check-rules.ts';

/** What schema and rules find in a manifest, for tests: what is not supported yet is judged as if it were. */
export function offlineErrors(manifest: object): readonly Issue[] {
  const { kind, apiVersion } = manifest as { readonly kind: ResourceKind; readonly apiVersion: string };
  const document = new SourceDocument('f', nodeOf(manifest));
  return issuesOf(kind, apiVersion, document).filter(({ severity, code }) => severity === 'error' && code !== 'SL0106');
}

function issuesOf(kind: ResourceKind, apiVersion: string, document: SourceDocument): readonly Issue[] {
  if (kind === 'Telemetry') return checkTelemetry(apiVersion, document);
  if (kind === 'LogParser') return checkLogParser(apiVersion, document).issues;
  const bySchema = checkSchema(document.value, manifestSchema(kind, apiVersion), { document });
  if (apiVersion !== OLD_API_VERSION) return [...bySchema, ...checkRules(kind, document)];
  const newer = new SourceDocument('f', newerDocument(kind as PipelineKind, document.root));
  return [...bySchema, ...checkRules(kind, newer), ...checkOldRules(document)];
}
