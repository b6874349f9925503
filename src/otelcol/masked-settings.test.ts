import { describe, expect, it } from 'vitest';
import { renderHuman } from '../diagnostics/index.ts';
import { loadConfig } from './load.ts';
import { maskedSettings } from './masked-settings.ts';

/** Every line of the text as a finding about it would show it. */
function shown(text: string): string {
  const { document } = loadConfig(text, 'c.yaml', { env: {} });
  const sources = [{ file: 'c.yaml', text, sensitive: maskedSettings({ file: 'c.yaml', text }, document) }];
  const issues = text.split('\n').map((_, index) => ({
    code: 'SL0101',
    severity: 'error' as const,
    message: `line ${index + 1}`,
    span: { file: 'c.yaml', line: index + 1, column: 1, endLine: index + 1, endColumn: 2 },
  }));
  return renderHuman(issues, { sources, color: false, unicode: true });
}

const CONFIG = `receivers: { otlp: { protocols: { grpc: { auth: { authenticator: basicauth/x } } } } }
exporters:
  otlp_http/a:
    endpoint: http://user:CANARY@127.0.0.1:9
    headers: { authorization: CANARY, x: [CANARY] }
    hedaers: { authorization: CANARY } # token: CANARY
    compression: gzip
    tls: { key_pem: |
        CANARY
        CANARY
      , keypem: CANARY }
extensions:
  basicauth/x: { client_auth: { username: CANARY, pasword: CANARY }, htpasswd: { inline: "a:CANARY" } }
  oauth2client/z: { client_id: CANARY, token_url: CANARY, endpoint_params: { a: [CANARY] }, typo: CANARY }
  bearertokenauth: { scheme: CANARY }
service: { extensions: [basicauth/x], pipelines: { traces: { receivers: [otlp], exporters: [otlp_http/a] } } }
`.replace(/\{ key_pem: \|[\s\S]*?keypem: CANARY \}/, '{ key_pem: CANARY, keypem: CANARY }');

describe('secrets in a Collector configuration', () => {
  it('are hidden wherever a finding shows a line of it, and the rest is not', () => {
    const text = shown(CONFIG);
    expect(text).not.toContain('CANARY');
    for (const open of ['compression: gzip', 'authenticator: basicauth/x', 'extensions: [basicauth/x]'])
      expect(text).toContain(open);
  });

  it('are hidden when an alias brings them, and when it is no YAML', () => {
    expect(shown(`x: &s CANARY\n${CONFIG.replace('authorization: CANARY', 'authorization: *s')}`)).not.toContain(
      'CANARY',
    );
    expect(shown(CONFIG.replace('[CANARY] }', '[CANARY'))).not.toContain('CANARY');
  });
});
