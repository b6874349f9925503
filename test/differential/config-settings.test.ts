import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { checkEngineConfig } from '../../src/engine/index.ts';
import { loadConfig } from '../../src/otelcol/index.ts';
import { requirePeer } from '../../testbed/index.ts';
import { SERVER } from './cases/certificates.ts';

const otelcol = requirePeer('otelcol');
const folder = mkdtempSync(join(tmpdir(), 'sluice-settings-'));
const run = promisify(execFile);

interface Parts {
  readonly receiver?: object;
  readonly processors?: object;
  readonly connectors?: object;
  readonly exporters?: object;
  readonly extensions?: object;
  readonly pipelines?: object;
}

function config({ receiver, processors = {}, connectors = {}, exporters, extensions = {}, pipelines }: Parts): string {
  const names = { processors: Object.keys(processors), exporters: Object.keys(exporters ?? { debug: {} }) };
  return JSON.stringify({
    receivers: { otlp: { protocols: receiver ?? { grpc: { endpoint: 'localhost:0' } } } },
    processors,
    connectors,
    exporters: exporters ?? { debug: {} },
    extensions,
    service: {
      extensions: Object.keys(extensions),
      pipelines: pipelines ?? { traces: { receivers: ['otlp'], ...names } },
    },
  });
}

const attributes = (settings: object, signal = 'traces') =>
  config({
    processors: { attributes: settings },
    pipelines: { [signal]: { receivers: ['otlp'], processors: ['attributes'], exporters: ['debug'] } },
  });
const action = (one: object) => attributes({ actions: [one] });
const include = (match: object, signal?: string) =>
  attributes({ include: match, actions: [{ key: 'a', value: 1, action: 'insert' }] }, signal);

const routing = (settings: object, more: object = {}) =>
  config({
    connectors: { routing: settings },
    pipelines: {
      'traces/in': { receivers: ['otlp'], exporters: ['routing'] },
      'traces/a': { receivers: ['routing'], exporters: ['debug'] },
      ...more,
    },
  });
const row = (condition: string, more: object = {}) => ({
  table: [{ context: 'request', condition, pipelines: ['traces/a'], ...more }],
});
const extension = (name: string, settings: object) => config({ extensions: { [name]: settings } });
const pem = { cert_pem: SERVER.certPem, key_pem: SERVER.keyPem };
const receiverTls = (tls: object) => config({ receiver: { grpc: { endpoint: 'localhost:0', tls } } });
const exporter = (settings: object, extensions: object = {}) =>
  config({ exporters: { otlp_grpc: { endpoint: 'localhost:4317', ...settings } }, extensions });
const client = { basicauth: { client_auth: { username: 'a', password: 'b' } } };

/** Configurations that both take or both refuse before anything is started. */
const CASES: Readonly<Record<string, string>> = {
  'attributes: none': attributes({}),
  'attributes: insert': action({ key: 'a', value: 1, action: 'insert' }),
  'attributes: no key': action({ value: 1, action: 'insert' }),
  'attributes: no value': action({ key: 'a', action: 'insert' }),
  'attributes: two values': action({ key: 'a', value: 1, from_attribute: 'b', action: 'insert' }),
  'attributes: value and context': action({ key: 'a', value: 1, from_context: 'b', action: 'insert' }),
  'attributes: only a default': action({ key: 'a', default_value: 1, action: 'insert' }),
  'attributes: a pattern too many': action({ key: 'a', value: 1, pattern: 'b', action: 'upsert' }),
  'attributes: delete with a value': action({ key: 'a', value: 1, action: 'delete' }),
  'attributes: delete by a broken pattern': action({ pattern: '(', action: 'delete' }),
  'attributes: extract without groups': action({ key: 'a', pattern: 'b', action: 'extract' }),
  'attributes: extract with an unnamed group': action({ key: 'a', pattern: '(?P<b>.)(.)', action: 'extract' }),
  'attributes: convert to nothing': action({ key: 'a', action: 'convert' }),
  'attributes: convert to bool': action({ key: 'a', converted_type: 'bool', action: 'convert' }),
  'attributes: an unknown action': action({ key: 'a', action: 'rename' }),
  'attributes: an empty match': include({}),
  'attributes: a match of nothing': include({ match_type: 'strict' }),
  'attributes: a match without a type': include({ services: ['a'] }),
  'attributes: a match of names': include({ match_type: 'strict', span_names: ['a'] }),
  'attributes: a match of log bodies in traces': include({ match_type: 'strict', log_bodies: ['a'] }),
  'attributes: a match of services in logs': include({ match_type: 'strict', services: ['a'] }, 'logs'),
  'attributes: a match of attributes in metrics': include(
    { match_type: 'strict', attributes: [{ key: 'a' }] },
    'metrics',
  ),
  'attributes: a match of metric names': include({ match_type: 'regexp', metric_names: ['^a$'] }, 'metrics'),
  'attributes: a match without a key': include({ match_type: 'strict', attributes: [{ value: 1 }] }),
  'attributes: a number by pattern': include({ match_type: 'regexp', attributes: [{ key: 'a', value: 1 }] }),
  'attributes: a broken pattern': include({ match_type: 'regexp', span_names: ['['] }),
  'attributes: an unknown span kind': include({ match_type: 'strict', span_kinds: ['SERVER'] }),
  'attributes: a span kind by pattern': include({ match_type: 'regexp', span_kinds: ['SERVER'] }),
  'routing: an empty table': routing({ table: [] }),
  'routing: equal': routing(row('request["a"] == "b"')),
  'routing: not equal, without spaces': routing(row('request["a"]!="b"')),
  'routing: no condition': routing(row('')),
  'routing: one equals sign': routing(row('request["a"] = "b"')),
  'routing: two comparators': routing(row('request["a"] == "b" == "c"')),
  'routing: a value without quotes': routing(row('request["a"] == b')),
  'routing: a field that is none': routing(row('header["a"] == "b"')),
  'routing: no pipelines': routing(row('request["a"] == "b"', { pipelines: [] })),
  'routing: a pipeline that is none': routing(row('request["a"] == "b"', { pipelines: ['traces/b'] })),
  'routing: a default that is none': routing({ ...row('request["a"] == "b"'), default_pipelines: ['traces/b'] }),
  'routing: an unknown action': routing(row('request["a"] == "b"', { action: 'drop' })),
  'routing: copy': routing(row('request["a"] == "b"', { action: 'copy' })),
  'routing: a statement too': routing(row('request["a"] == "b"', { statement: 'route()' })),
  'routing: an unknown error mode': routing({ ...row('request["a"] == "b"'), error_mode: 'loud' }),
  'routing: two signals': routing(row('request["a"] == "b"'), {
    'logs/in': { receivers: ['otlp'], exporters: ['routing'] },
    'logs/a': { receivers: ['routing'], exporters: ['debug'] },
  }),
  'batch: metadata keys': config({ processors: { batch: { metadata_keys: ['a', 'b'] } } }),
  'batch: metadata keys twice': config({ processors: { batch: { metadata_keys: ['a', 'A'] } } }),
  'basicauth: nothing': extension('basicauth', {}),
  'basicauth: both sides': extension('basicauth', { htpasswd: { inline: 'a:b' }, ...client.basicauth }),
  'basicauth: users': extension('basicauth', { htpasswd: { inline: 'a:b' } }),
  'bearertokenauth: nothing': extension('bearertokenauth', {}),
  'bearertokenauth: token and tokens': extension('bearertokenauth', { token: 'a', tokens: ['b'] }),
  'oauth2client: nothing': extension('oauth2client', {}),
  'oauth2client: no secret': extension('oauth2client', { client_id: 'a', token_url: 'https://e/t' }),
  'tls of a receiver: nothing': receiverTls({}),
  'tls of a receiver: a pair': receiverTls(pem),
  'tls of a receiver: no key': receiverTls({ cert_pem: pem.cert_pem }),
  'tls of a receiver: file and text': receiverTls({ ...pem, cert_file: '/cert.pem' }),
  'tls of a receiver: versions': receiverTls({ ...pem, min_version: '1.2', max_version: '1.3' }),
  'tls of a receiver: versions upside down': receiverTls({ ...pem, min_version: '1.3', max_version: '1.2' }),
  'tls of a receiver: an unknown version': receiverTls({ ...pem, min_version: '2' }),
  'tls of an exporter: no certificate': exporter({ tls: { key_pem: pem.key_pem } }),
  'tls of an exporter: a pair': exporter({ tls: pem }),
  'tls of an exporter: read again': exporter({ tls: { ...pem, reload_interval: '1m' } }),
  'tls of an exporter: an interval that is none': exporter({ tls: { ...pem, reload_interval: 'soon' } }),
  'balancer: round_robin': exporter({ balancer_name: 'round_robin' }),
  'balancer: unknown': exporter({ balancer_name: 'nope' }),
};

async function realAccepts(text: string): Promise<boolean> {
  if (otelcol.status === 'missing') throw new Error(otelcol.reason);
  const file = join(folder, 'config.yaml');
  writeFileSync(file, text);
  try {
    await run(otelcol.path, ['validate', '--config', file]);
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === 1) return false;
    throw error;
  }
}

function engineAccepts(text: string): boolean {
  const { config: loaded, issues } = loadConfig(text, 'config.yaml', { env: {} });
  if (loaded === undefined || issues.some(({ severity }) => severity === 'error')) return false;
  return checkEngineConfig(loaded).every(({ severity }) => severity !== 'error');
}

describe.skipIf(otelcol.status === 'missing')('settings of a component', () => {
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(Object.entries(CASES))('are judged as the real Collector does: %s', async (_, text) => {
    expect(engineAccepts(text)).toBe(await realAccepts(text));
  });
});
