import { type Issue, type Path, type SourceDocument, suggest } from '../diagnostics/index.ts';
import { PIPELINE_KINDS, TELEMETRY_VERSIONS } from './kinds.ts';
import { API_VERSION, type PipelineKind } from './resource.ts';

const GROUP = 'telemetry.kyma-project.io';
const LATER_KINDS = new Set(['telemetry.kyma-project.io/LogParser']);

/** Which resource a document is, or the issue that says why it is none. */
export function identify(document: SourceDocument): PipelineKind | 'Telemetry' | 'Secret' | Issue {
  const { value } = document;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return issue(document, [], 'this is not a Kubernetes resource', {
      label: 'expected `apiVersion`, `kind`, `metadata` and `spec`',
    });
  }
  const { apiVersion, kind } = value as { readonly apiVersion?: unknown; readonly kind?: unknown };
  if (kind === undefined && isCollectorConfiguration(value)) return collectorConfiguration(document);
  if (typeof kind !== 'string') return missing(document, 'kind', PIPELINE_KINDS.join(', '));
  if (typeof apiVersion !== 'string') return missing(document, 'apiVersion', API_VERSION);
  if (apiVersion === API_VERSION && isPipelineKind(kind)) return kind;
  if (kind === 'Telemetry' && TELEMETRY_VERSIONS.some((version) => version === apiVersion)) return kind;
  if (kind === 'Secret' && apiVersion === 'v1') return kind;
  return explain(document, apiVersion, kind);
}

function isPipelineKind(kind: string): kind is PipelineKind {
  return (PIPELINE_KINDS as readonly string[]).includes(kind);
}

function isCollectorConfiguration(value: object): boolean {
  return Object.hasOwn(value, 'service') && (Object.hasOwn(value, 'receivers') || Object.hasOwn(value, 'exporters'));
}

function collectorConfiguration(document: SourceDocument): Issue {
  return {
    ...issue(document, [], 'this is a configuration of the OpenTelemetry Collector, not a pipeline resource', {
      label: 'expected `apiVersion`, `kind`, `metadata` and `spec`',
      help: 'run it with `sluice engine --config FILE`',
    }),
    span: document.spanOf(['service'], 'key') ?? document.nearestSpan([]),
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
  const [group = '', version = ''] = apiVersion.split('/');
  if (LATER_KINDS.has(`${group}/${kind}`)) {
    const later = issue(document, ['kind'], `kind \`${kind}\` is not supported by this version yet`, {
      label: 'this would be ignored, so it is refused',
    });
    return { ...later, code: 'SL0106', help: 'remove it; the pipelines beside it can run' };
  }
  if (isPipelineKind(kind))
    return wrongApiVersion(document, apiVersion, kind, group === GROUP && version === 'v1alpha1');
  const guess = suggest(kind, PIPELINE_KINDS);
  if (group === GROUP || guess !== undefined) {
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

function wrongApiVersion(document: SourceDocument, apiVersion: string, kind: PipelineKind, isOld: boolean): Issue {
  if (isOld) {
    const old = issue(document, ['apiVersion'], `apiVersion \`${apiVersion}\` is not supported by this version yet`, {
      label: 'older version of the API',
    });
    return {
      ...old,
      code: 'SL0106',
      help: `write \`apiVersion: ${API_VERSION}\`; a few fields have other names there`,
    };
  }
  return issue(document, ['apiVersion'], `unknown apiVersion \`${apiVersion}\` of ${kind}`, {
    label: 'no such version',
    help: `write \`apiVersion: ${API_VERSION}\``,
  });
}

function issue(document: SourceDocument, path: Path, message: string, rest: Partial<Issue>): Issue {
  const span = document.spanOf(path) ?? document.nearestSpan(path);
  return { code: 'SL0115', severity: 'error', message, path, span, ...rest };
}
