import type { Command } from 'commander';
import type { BundleOptions } from '../../operator/index.ts';
import { CliError } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { collect, parseChoiceFlag } from '../flags.ts';
import { parseImageFlags } from '../images.ts';

export const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'] as const;

/** Options that choose what is installed. */
export function defineBundleFlags(command: Command): Command {
  return command
    .option('-n, --namespace <name>', 'where it is installed', 'kyma-system')
    .option(
      '--image <name=ref>',
      'the image of sluice, otelcol or fluent-bit: sluice=registry/sluice:1; repeatable',
      collect,
    )
    .option('--image-pull-policy <policy>', 'Always, IfNotPresent or Never', 'IfNotPresent')
    .option('--image-pull-secrets <names>', 'Secrets of the namespace that registries ask for: a,b')
    .option('--replicas <n>', 'of the operator', '2');
}

export function bundleOptions(
  flags: Record<string, unknown>,
  version: string,
): BundleOptions & { readonly namespace: string } {
  const replicas = String(flags['replicas']);
  if (!/^[1-9]\d?$/.test(replicas)) {
    throw new CliError(EXIT.usage, 'SL0903', `--replicas takes a number from 1 to 99, got \`${replicas}\``);
  }
  return {
    version,
    namespace: namespaceOf(flags),
    images: parseImageFlags(flags['image'] as readonly string[] | undefined),
    imagePullPolicy: parseChoiceFlag('--image-pull-policy', flags['imagePullPolicy'], PULL_POLICIES),
    imagePullSecrets: pullSecretsOf(flags),
    replicas: Number(replicas),
  };
}

/** Of `--image-pull-secrets a,b`; none where it is not given. */
export function pullSecretsOf(flags: Record<string, unknown>): readonly string[] {
  const names = String(flags['imagePullSecrets'] ?? '')
    .split(',')
    .filter((name) => name !== '');
  for (const name of names) {
    if (/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(name)) continue;
    throw new CliError(EXIT.usage, 'SL0903', `--image-pull-secrets takes names of Secrets, got \`${name}\``);
  }
  return names;
}

export function namespaceOf(flags: Record<string, unknown>): string {
  const name = String(flags['namespace']);
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) return name;
  throw new CliError(EXIT.usage, 'SL0903', `--namespace takes the name of a namespace, got \`${name}\``);
}
