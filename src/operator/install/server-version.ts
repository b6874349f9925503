import type { KubeClient } from '../../kube/index.ts';

/** The first version with a sleep of its own before a Pod is stopped (`lifecycle.preStop.sleep`), on by default. */
export const OLDEST_MINOR = 30;

export interface KubernetesVersion {
  readonly major: number;
  readonly minor: number;
  /** `v1.35.4` */
  readonly text: string;
}

/** Of the API server. Distributions add signs to the minor version: `31+`. */
export async function kubernetesVersion(client: KubeClient): Promise<KubernetesVersion> {
  const { major, minor, gitVersion } = (await client.raw('/version')) as Readonly<
    Record<'major' | 'minor' | 'gitVersion', string>
  >;
  return { major: Number.parseInt(major, 10), minor: Number.parseInt(minor, 10), text: gitVersion };
}
