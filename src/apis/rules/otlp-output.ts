import type { Path } from '../../diagnostics/index.ts';
import { endpointProblem, isHttpUrl, parseEndpoint } from '../endpoint.ts';
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
  checkAuthentication(context, protocol);
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

function checkAuthentication(context: RuleContext, protocol: unknown): void {
  const path = [...OTLP, 'authentication'];
  const oauth2 = [...path, 'oauth2'];
  if (context.at(oauth2) === undefined) return;
  if (context.at([...path, 'basic']) !== undefined) {
    context.report('SL0114', oauth2, 'must not stand beside `basic`', {
      part: 'key',
      label: 'second method',
      related: context.related([...path, 'basic'], 'first method'),
      help: 'keep one of the two',
    });
  }
  checkTokenUrl(context, [...oauth2, 'tokenURL', 'value']);
  if (protocol === 'grpc') checkTokenIsEncrypted(context, oauth2);
}

function checkTokenUrl(context: RuleContext, path: Path): void {
  const url = context.text(path);
  if (url === undefined || url === '' || isHttpUrl(literal(url))) return;
  context.report('SL0105', path, 'must be a URL', {
    label: 'neither http:// nor https:// with a host',
    help: 'write it as `https://auth.example.com/token`',
  });
}

/** Over gRPC a token is never sent in plain text: the Collector refuses to start with such a configuration. */
function checkTokenIsEncrypted(context: RuleContext, oauth2: Path): void {
  const endpoint = [...OTLP, 'endpoint', 'value'];
  const insecure = [...OTLP, 'tls', 'insecure'];
  const isHttp = parseEndpoint(literal(context.text(endpoint) ?? ''))?.scheme === 'http';
  if (!isHttp && context.at(insecure) !== true) return;
  context.report('SL0114', oauth2, 'needs TLS with protocol grpc', {
    part: 'key',
    label: 'a token is not sent in plain text',
    related: context.related(isHttp ? endpoint : insecure, isHttp ? 'http:// is plain text' : 'TLS is switched off'),
    help: isHttp ? 'write the endpoint with https://, or without a scheme' : 'remove `tls.insecure`',
  });
}
