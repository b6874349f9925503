import { type Issue, type Path, type SourceDocument, suggest } from '../diagnostics/index.ts';
import { apiVersionsOf, PIPELINE_KINDS, RESOURCE_KINDS, type ResourceKind } from './kinds.ts';
import { API_VERSION } from './resource.ts';

const GROUP = 'telemetry.kyma-project.io';

/** Of the unit tests that `sluice test` runs. */
const TEST_GROUP = 'sluice.io';

/** A document that is a resource of ours, a Secret, or a unit test of a pipeline. */
export interface Identified {
  readonly kind: ResourceKind | 'Secret' | 'PipelineTest';
  readonly apiVersion: string;
}

/** Which resource a document is, or the issue that says why it is none. */
export function identify(document: SourceDocument): Identified | Issue {
  const { value } = document;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return issue(document, [], 'this is not a Kubernetes resource', {
      label: 'expected `apiVersion`, `kind`, `metadata` and `spec`',
    });
  }
  const { apiVersion, kind } = value as { readonly apiVersion?: unknown; readonly kind?: unknown };
  if (kind === undefined && isCollectorConfiguration(value)) return collectorConfiguration(document);
  if (typeof kind !== 'string') return missing(document, 'kind', PIPELINE_KINDS.join(', '));
  if (typeof apiVersion !== 'string') return missing(document, 'apiVersion', defaultVersion(kind));
  if (isResourceKind(kind) && apiVersionsOf(kind).includes(apiVersion)) return { kind, apiVersion };
  if (kind === 'Secret' && apiVersion === 'v1') return { kind, apiVersion };
  if (kind === 'PipelineTest' && apiVersion.startsWith(`${TEST_GROUP}/`)) return { kind, apiVersion };
  return explain(document, apiVersion, kind);
}

function isResourceKind(kind: string): kind is ResourceKind {
  return (RESOURCE_KINDS as readonly string[]).includes(kind);
}

function defaultVersion(kind: string): string {
  return isResourceKind(kind) ? apiVersionsOf(kind)[0]! : API_VERSION;
}

/** No resource has two of these at the top; a file of the Collector may be one of several, without its `service`. */
function isCollectorConfiguration(value: object): boolean {
  const sections = ['receivers', 'processors', 'connectors', 'exporters', 'extensions', 'service'];
  const own = sections.filter((section) => Object.hasOwn(value, section));
  return own.includes('receivers') || own.length > 1;
}

function collectorConfiguration(document: SourceDocument): Issue {
  return {
    ...issue(document, [], 'this is a configuration of the OpenTelemetry Collector, not a pipeline resource', {
      label: 'expected `apiVersion`, `kind`, `metadata` and `spec`',
      help: 'run it with `sluice engine --config FILE`',
    }),
    span: document.spanOf(['service'], 'key') ?? document.spanOf(['receivers'], 'key') ?? document.nearestSpan([]),
  };
}

function missing(document: SourceDocument, field: 'kind' | 'apiVersion', allowed: string): Issue {
  return {
    ...issue(document, [field], `\`${field}\` is required`, { label: `\`${field}\` is missing here` }),
    code: 'SL0102',
    span: document.spanOf([field], 'key') ?? document.nearestSpan([]),
    help: field === 'kind' ? `add \`kind: \` with one of ${allowed}` : `add \`apiVersion: ${allowed}\``,
  };
}

function explain(document: SourceDocument, apiVersion: string, kind: string): Issue {
  if (isResourceKind(kind)) {
    return issue(document, ['apiVersion'], `unknown apiVersion \`${apiVersion}\` of ${kind}`, {
      label: 'no such version',
      help: `write \`apiVersion: ${apiVersionsOf(kind)[0]}\``,
    });
  }
  const guess = suggest(kind, RESOURCE_KINDS);
  if (apiVersion.startsWith(`${GROUP}/`) || guess !== undefined) {
    return issue(document, ['kind'], `unknown kind \`${kind}\``, {
      label: 'no such kind',
      help: guess === undefined ? `use one of ${PIPELINE_KINDS.join(', ')}` : `did you mean \`${guess}\`?`,
    });
  }
  const other = issue(document, ['kind'], `${kind} of ${apiVersion} is left out`, {
    label: 'not a telemetry pipeline',
  });
  return { ...other, code: 'SL0117', severity: 'warning' };
}

function issue(document: SourceDocument, path: Path, message: string, rest: Partial<Issue>): Issue {
  const span = document.spanOf(path) ?? document.nearestSpan(path);
  return { code: 'SL0115', severity: 'error', message, path, span, ...rest };
}
