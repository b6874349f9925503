import type { Static } from 'typebox';
import type { Issue } from '../../diagnostics/index.ts';
import { Type } from '../../lib/index.ts';
import type { EngineDeps } from '../component.ts';
import { defineExtension } from '../component.ts';
import { Duration, durationMs, oneOf, Secret, settingsObject } from '../settings/schema.ts';
import { checkTls, parseClientTls, TlsClientConfig } from '../settings/tls.ts';
import { textOrFile } from '../settings/watched-file.ts';
import { TokenSource } from './token-source.ts';

const OAuth2ClientConfig = settingsObject({
  client_id: Type.String(),
  client_id_file: Type.String(),
  client_secret: Secret,
  client_secret_file: Type.String(),
  token_url: Type.String(),
  scopes: Type.Array(Type.String()),
  endpoint_params: Type.Record(
    Type.String(),
    Type.Union([Type.String({ format: 'password' }), Type.Array(Type.String({ format: 'password' }))]),
  ),
  timeout: Duration,
  tls: TlsClientConfig,
  expiry_buffer: Duration,
  grant_type: oneOf('client_credentials', ''),
});
type OAuth2ClientConfig = Static<typeof OAuth2ClientConfig>;

/** Source: oauth2clientauthextension factory.go at 0.145. A timeout it has none; here nobody waits for ever. */
const defaultOAuth2Client = { expiryBufferMs: 300_000, timeoutMs: 10_000 };

/** Gives exporters tokens of an OAuth 2.0 server, for the credentials of a client. */
export const oauth2ClientExtension = defineExtension({
  schema: OAuth2ClientConfig,
  check: checkOAuth2Client,
  authenticates: () => ['client'],
  create(settings, { deps }) {
    const tls = parseClientTls(settings.tls);
    const source = new TokenSource({
      tokenUrl: settings.token_url!,
      client: createClient(settings, deps),
      scopes: settings.scopes ?? [],
      endpointParams: parseParams(settings.endpoint_params),
      // Every token is asked for on a connection of its own, rarely enough to read the certificate for it.
      tls: () => (settings.tls?.reload_interval === undefined ? tls : parseClientTls(settings.tls)),
      timeoutMs: durationMs(settings.timeout, 0) || defaultOAuth2Client.timeoutMs,
      expiryBufferMs: durationMs(settings.expiry_buffer, defaultOAuth2Client.expiryBufferMs),
      clock: deps.clock,
    });
    return { credentials: source, start: async () => [], shutdown: async () => source.close() };
  },
});

function parseParams(params: OAuth2ClientConfig['endpoint_params'] = {}): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, typeof value === 'string' ? [value] : value]),
  );
}

/** Files outweigh values; a missing or empty one is the failure of the requests that need a token, as in the Collector. */
function createClient(settings: OAuth2ClientConfig, { clock }: EngineDeps) {
  const id = textOrFile(settings.client_id, settings.client_id_file, clock);
  const secret = textOrFile(settings.client_secret, settings.client_secret_file, clock);
  return () => ({ id: id(), secret: secret() });
}

function checkOAuth2Client(settings: OAuth2ClientConfig): Issue[] {
  const issues: Issue[] = [];
  const required = (key: 'client_id' | 'client_secret') => {
    if (settings[key] || settings[`${key}_file`]) return;
    issues.push({
      code: 'SL0102',
      severity: 'error',
      message: `\`${key}\` or \`${key}_file\` is required`,
      path: [key],
    });
  };
  required('client_id');
  required('client_secret');
  const { token_url: url } = settings;
  if (!url) issues.push({ code: 'SL0102', severity: 'error', message: '`token_url` is required', path: ['token_url'] });
  else if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    issues.push({
      code: 'SL0110',
      severity: 'error',
      message: '`token_url` must be an http or https URL',
      path: ['token_url'],
    });
  }
  const tls = checkTls(settings.tls ?? {});
  return [...issues, ...tls.map((issue) => ({ ...issue, path: ['tls', ...(issue.path ?? [])] }))];
}
