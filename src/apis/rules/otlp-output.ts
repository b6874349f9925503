import type { Path } from '../../diagnostics/index.ts';
import { endpointProblem, parseEndpoint } from '../endpoint.ts';
import { literal } from '../literal.ts';
import { checkHeaders } from './headers.ts';
import type { RuleContext } from './rule-context.ts';

const OTLP: Path = ['spec', 'output', 'otlp'];

export function checkOtlpOutput(context: RuleContext): void {
  if (!context.object(OTLP)) return;
  const protocol = context.at([...OTLP, 'protocol']) ?? 'grpc';
  if (protocol === 'grpc' || protocol === 'http') {
    checkEndpoint(context, protocol);
    checkPath(context, protocol);
  }
  checkHeaders(context, [...OTLP, 'headers']);
  if (protocol === 'grpc') checkTokenIsEncrypted(context);
  else checkTlsIsUsed(context);
}

function checkEndpoint(context: RuleContext, protocol: 'grpc' | 'http'): void {
  const path = [...OTLP, 'endpoint', 'value'];
  const value = context.text(path);
  if (value === undefined || value === '' || context.at([...OTLP, 'endpoint', 'valueFrom']) !== undefined) return;
  const problem = endpointProblem(literal(value), protocol);
  if (problem) context.report('SL0110', path, problem.message, { label: problem.label, help: problem.help });
}

function checkPath(context: RuleContext, protocol: 'grpc' | 'http'): void {
  const path = context.text([...OTLP, 'path']);
  if (path === undefined || path === '') return;
  if (protocol === 'grpc') {
    const written = context.at([...OTLP, 'protocol']) !== undefined;
    context.report('SL0112', [...OTLP, 'path'], 'needs `protocol: http`', {
      part: 'key',
      label: 'gRPC has no path',
      ...(written ? { related: context.related([...OTLP, 'protocol'], 'the protocol is grpc') } : {}),
      help: written
        ? 'set `protocol: http`, or remove `path`'
        : 'add `protocol: http` (the default is grpc), or remove `path`',
    });
  } else if (/[\s?#]/.test(literal(path))) {
    context.report('SL0105', [...OTLP, 'path'], 'must be the path of a URL', {
      label: 'has a space, `?` or `#`',
      help: 'write it as `/v1/otlp`',
    });
  }
}

/** Over gRPC a token is never sent in plain text: the Collector refuses to start with such a configuration. */
function checkTokenIsEncrypted(context: RuleContext): void {
  const oauth2 = [...OTLP, 'authentication', 'oauth2'];
  if (context.at(oauth2) === undefined) return;
  const endpoint = [...OTLP, 'endpoint', 'value'];
  const insecure = [...OTLP, 'tls', 'insecure'];
  if (parseEndpoint(literal(context.text(endpoint) ?? ''))?.scheme === 'http') {
    context.report('SL0110', endpoint, 'is plain text, which OAuth2 with protocol grpc does not allow', {
      label: 'http:// is plain text',
      related: context.related(oauth2, 'a token is not sent in plain text'),
      help: 'write the endpoint with https://, or without a scheme',
    });
  } else if (context.at(insecure) === true) {
    context.report('SL0114', oauth2, 'needs TLS with protocol grpc', {
      part: 'key',
      label: 'a token is not sent in plain text',
      related: context.related(insecure, 'TLS is switched off'),
      help: 'remove `tls.insecure`',
    });
  }
}

/** Whoever gives certificates for the way of a token does not want it in plain text; upstream refuses it, too. */
function checkTlsIsUsed(context: RuleContext): void {
  const endpoint = [...OTLP, 'endpoint', 'value'];
  const tls = context.object([...OTLP, 'tls']);
  if (context.at([...OTLP, 'authentication', 'oauth2']) === undefined || tls === undefined) return;
  if (parseEndpoint(literal(context.text(endpoint) ?? ''))?.scheme !== 'http' || tls['insecure'] === true) return;
  const given = ['ca', 'cert', 'key'].find((field) => (tls[field] ?? undefined) !== undefined);
  if (given === undefined) return;
  context.report('SL0110', endpoint, 'is plain text, beside certificates for TLS and OAuth2', {
    label: 'http:// uses no TLS',
    related: context.related([...OTLP, 'tls', given], 'would not be used'),
    help: 'write https://, or remove the certificates',
  });
}
