import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CaptureTls } from '../../testkit/capture.ts';
import type { SenderTls } from '../../testkit/senders.ts';
import { ALL_SIGNALS, type DifferentialCase, everySignal, type Step, send } from '../case.ts';
import { lineCount, plainInput } from '../inputs.ts';
import { BACKEND_TLS, CA, CLIENT, FOREIGN_CA, FOREIGN_CLIENT, NAMED_SERVER, SERVER } from './certificates.ts';

const one = { resources: 1, scopes: 1, items: 1 };

const SENDERS: Readonly<Record<string, SenderTls>> = {
  'with a certificate': { ca: CA, cert: CLIENT.certPem, key: CLIENT.keyPem },
  'without one': { ca: CA },
  'with a foreign one': { ca: CA, cert: FOREIGN_CLIENT.certPem, key: FOREIGN_CLIENT.keyPem },
};

const bothProtocols = (tls: SenderTls, label: string): Step[] =>
  (['grpc', 'http'] as const).map((protocol) =>
    send(plainInput('logs', `${label} ${protocol}`, one), { protocol, tls }),
  );

function receiverCase(
  name: string,
  tls: (folder: string) => object,
  senders: readonly SenderTls[],
  expectedItems: number,
): DifferentialCase {
  return {
    name: `tls of a receiver: ${name}`,
    config: ({ backendGrpc, folder }) => ({
      receiver: { grpc: { tls: tls(folder) }, http: { tls: tls(folder) } },
      exporters: { otlp_grpc: { endpoint: backendGrpc, tls: { insecure: true } } },
      pipelines: everySignal({ exporters: ['otlp_grpc'] }),
    }),
    steps: senders.flatMap((sender, i) => bothProtocols(sender, String(i))),
    expectedItems,
  };
}

const pem = { cert_pem: SERVER.certPem, key_pem: SERVER.keyPem };
const fileIn = (folder: string, name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

const receiverCases: readonly DifferentialCase[] = [
  receiverCase('from PEM texts', () => pem, [{ ca: CA }], 2),
  receiverCase(
    'from files, read again',
    (folder) => ({
      cert_file: fileIn(folder, 'cert.pem', SERVER.certPem),
      key_file: fileIn(folder, 'key.pem', SERVER.keyPem),
      reload_interval: '1h',
      min_version: '1.3',
    }),
    [{ ca: CA }, { ca: FOREIGN_CA }],
    2,
  ),
  receiverCase(
    'client certificates are asked for',
    (folder) => ({ ...pem, client_ca_file: fileIn(folder, 'ca.pem', CA), client_ca_file_reload: true }),
    Object.values(SENDERS),
    2,
  ),
];

function exporterCase(
  name: string,
  protocol: 'grpc' | 'http',
  tls: object,
  backendTls: CaptureTls,
  isTaken = true,
): DifferentialCase {
  const inputs = ALL_SIGNALS.map((signal) => plainInput(signal, signal, one));
  return {
    name: `tls of otlp_${protocol}: ${name}`,
    config: ({ backendGrpc, backendHttp }) => {
      const endpoint = protocol === 'grpc' ? backendGrpc : backendHttp.replace('http:', 'https:');
      return {
        exporters: { [`otlp_${protocol}`]: { endpoint, tls, retry_on_failure: { enabled: false } } },
        pipelines: everySignal({ exporters: [`otlp_${protocol}`] }),
      };
    },
    backendTls,
    steps: inputs.map((input) => send(input, { protocol: 'grpc' })),
    expectedItems: isTaken ? lineCount(...inputs) : 0,
    quietMs: 500,
  };
}

const named: CaptureTls = { cert: NAMED_SERVER.certPem, key: NAMED_SERVER.keyPem };
const mutual: CaptureTls = { ...BACKEND_TLS, ca: CA };

const exporterCases = (['grpc', 'http'] as const).flatMap((protocol) => [
  exporterCase('a CA of its own', protocol, { ca_pem: CA }, BACKEND_TLS),
  exporterCase(
    'a CA beside those of the system',
    protocol,
    { ca_pem: CA, include_system_ca_certs_pool: true },
    BACKEND_TLS,
  ),
  exporterCase('a CA outweighs insecure', protocol, { ca_pem: CA, insecure: true }, BACKEND_TLS),
  exporterCase('a CA that is not the one', protocol, { ca_pem: FOREIGN_CA }, BACKEND_TLS, false),
  exporterCase('no verification', protocol, { insecure_skip_verify: true }, named),
  exporterCase('another name than the endpoint', protocol, { ca_pem: CA }, named, false),
  exporterCase(
    'server_name_override',
    protocol,
    { ca_pem: CA, server_name_override: 'telemetry.example.org', min_version: '1.3' },
    named,
  ),
  exporterCase(
    'a certificate of its own',
    protocol,
    { ca_pem: CA, cert_pem: CLIENT.certPem, key_pem: CLIENT.keyPem },
    mutual,
  ),
  exporterCase('no certificate where one is asked for', protocol, { ca_pem: CA }, mutual, false),
]);

export const tlsCases: readonly DifferentialCase[] = [...receiverCases, ...exporterCases];
