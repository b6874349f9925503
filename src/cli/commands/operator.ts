import { hostname } from 'node:os';
import { errorCode, errorMessage } from '../../lib/index.ts';
import { defaultImages, type OperatorOptions, runOperator } from '../../operator/index.ts';
import { certificateFacts } from '../certificate-facts.ts';
import { namespaceOf, PULL_POLICIES, pullSecretsOf } from '../cluster/bundle-flags.ts';
import { connectCluster, defineClusterFlags } from '../cluster/connect.ts';
import { type CliContext, CliError, interruptCode } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { parseChoiceFlag } from '../flags.ts';
import { waitForEnd } from '../interrupt.ts';
import { jsonLog } from '../log.ts';
import { explainListenError } from '../network-error.ts';
import { createAskBackend } from '../online/ask-backend.ts';
import type { Verb } from '../verb.ts';

export const operatorVerb: Verb = {
  name: 'operator',
  examples: ['sluice operator', 'sluice operator --context kind-dev --webhooks none --metrics 127.0.0.1:8080'],
  define: (command) =>
    defineClusterFlags(command)
      .option('-n, --namespace <name>', 'where its objects are, and the Telemetry that counts', 'kyma-system')
      .option('--identity <name>', 'of this process, unique among replicas; default: the name of the host')
      .option('--sluice-image <image>', 'of workloads that the engine runs; default: that of this version')
      .option(
        '--otelcol-image <image>',
        'of workloads that the stock Collector runs; default: a version that the tests know',
      )
      .option('--fluent-bit-image <image>', 'of Fluent Bit; default: a version that the tests know')
      .option('--image-pull-policy <policy>', 'Always, IfNotPresent or Never', 'IfNotPresent')
      .option('--image-pull-secrets <names>', 'Secrets of the namespace that registries ask for: a,b')
      .option('--webhooks <host:port>', 'where webhooks are served; :PORT: on every address; none: nowhere', ':9443')
      .option('--webhooks-url <url>', 'how the API server reaches them where this is no Pod: https://HOST:PORT')
      .option('--metrics <host:port>', 'where /metrics, /healthz and /readyz are served; none: nowhere', ':8080'),
  run: runOperatorVerb,
};

async function runOperatorVerb(
  flags: Record<string, unknown>,
  _args: readonly string[],
  context: CliContext,
): Promise<ExitCode> {
  const settings = settingsOf(flags, context);
  const { client, server } = await connectCluster(flags, context);
  const log = jsonLog(context);
  try {
    const operator = await runOperator({
      ...settings,
      client,
      clock: context.clock,
      log,
      random: Math.random,
      certificates: certificateFacts,
      askBackend: createAskBackend(context.clock),
      clusterName: new URL(server).hostname,
    });
    log.info('operator started', { version: context.version, server, ...addressesOf(settings) });
    await waitForEnd(context, undefined);
    await operator.stop();
    log.info('operator stopped');
    return interruptCode(context);
  } catch (error) {
    if (errorCode(error)?.startsWith('E'))
      throw explainListenError(error, ['--webhooks HOST:PORT', '--metrics HOST:PORT']);
    log.error('operator ended', { error: errorMessage(error) });
    throw error;
  } finally {
    await client.close();
  }
}

type Settings = Pick<
  OperatorOptions,
  'namespace' | 'identity' | 'images' | 'imagePullPolicy' | 'imagePullSecrets' | 'webhooks' | 'metrics'
>;

function settingsOf(flags: Record<string, unknown>, { version }: CliContext): Settings {
  const standard = defaultImages(version);
  const webhooks = listenAddress('--webhooks', flags['webhooks']);
  const metrics = listenAddress('--metrics', flags['metrics']);
  const url = flags['webhooksUrl'];
  return {
    namespace: namespaceOf(flags),
    identity: String(flags['identity'] ?? hostname()),
    images: {
      sluice: String(flags['sluiceImage'] ?? standard.sluice),
      otelcol: String(flags['otelcolImage'] ?? standard.otelcol),
      fluentBit: String(flags['fluentBitImage'] ?? standard.fluentBit),
    },
    imagePullPolicy: parseChoiceFlag('--image-pull-policy', flags['imagePullPolicy'], PULL_POLICIES),
    imagePullSecrets: pullSecretsOf(flags),
    ...(webhooks === undefined
      ? {}
      : { webhooks: { ...webhooks, ...(url === undefined ? {} : { url: httpsUrl('--webhooks-url', url) }) } }),
    ...(metrics === undefined ? {} : { metrics }),
  };
}

function addressesOf({ namespace, identity, webhooks, metrics }: Settings) {
  const text = (address: { host: string; port: number } | undefined) =>
    address === undefined ? 'none' : `${address.host}:${address.port}`;
  return { namespace, identity, webhooks: text(webhooks), metrics: text(metrics) };
}

/** `none` is nowhere, no host every address of IPv4 and IPv6; port 0 lets the system choose. */
function listenAddress(flag: string, value: unknown): { readonly host: string; readonly port: number } | undefined {
  if (value === 'none') return undefined;
  const [, host = '', port] = /^\[?([^\]]*)\]?:(\d{1,5})$/.exec(String(value)) ?? [];
  if (port === undefined || Number(port) > 65535) {
    throw new CliError(EXIT.usage, 'SL0903', `${flag} takes HOST:PORT or \`none\`, got \`${String(value)}\``);
  }
  return { host, port: Number(port) };
}

function httpsUrl(flag: string, value: unknown): string {
  const text = String(value);
  if (!URL.canParse(text) || new URL(text).protocol !== 'https:') {
    throw new CliError(EXIT.usage, 'SL0903', `${flag} takes a URL that begins with https://, got \`${text}\``);
  }
  return text.replace(/\/+$/, '');
}
