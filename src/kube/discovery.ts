import type { Clock } from '../lib/index.ts';
import { isNotFound } from './api-error.ts';
import type { KubeClient } from './client.ts';
import { apiVersionOf, type ResourceType } from './object.ts';

export interface ServerVersion {
  readonly major: number;
  readonly minor: number;
  /** `v1.35.4`. */
  readonly gitVersion: string;
}

export interface Discovery {
  /** Whether the server serves this kind in this version; remembered for a minute. */
  serves(type: ResourceType): Promise<boolean>;
  serverVersion(): Promise<ServerVersion>;
}

const REMEMBERED_MS = 60_000;

export function createDiscovery({ client, clock }: { readonly client: KubeClient; readonly clock: Clock }): Discovery {
  const known = new Map<string, { readonly atMs: number; readonly plurals: ReadonlySet<string> }>();
  const pluralsOf = async (apiVersion: string): Promise<ReadonlySet<string>> => {
    const remembered = known.get(apiVersion);
    const nowMs = clock.monotonicMs();
    if (remembered !== undefined && nowMs - remembered.atMs < REMEMBERED_MS) return remembered.plurals;
    const plurals = await servedPlurals(client, apiVersion);
    known.set(apiVersion, { atMs: nowMs, plurals });
    return plurals;
  };
  return {
    serves: async (type) => (await pluralsOf(apiVersionOf(type))).has(type.plural),
    async serverVersion() {
      const { major, minor, gitVersion } = (await client.raw('/version')) as Readonly<Record<string, string>>;
      // Some providers write `35+`.
      return { major: Number.parseInt(major!, 10), minor: Number.parseInt(minor!, 10), gitVersion: gitVersion! };
    },
  };
}

/** Source: meta/v1 APIResourceList. */
async function servedPlurals(client: KubeClient, apiVersion: string): Promise<ReadonlySet<string>> {
  try {
    const { resources } = (await client.raw(`/${apiVersion.includes('/') ? 'apis' : 'api'}/${apiVersion}`)) as {
      readonly resources: readonly { readonly name: string }[];
    };
    return new Set(resources.map(({ name }) => name));
  } catch (error) {
    if (isNotFound(error)) return new Set();
    throw error;
  }
}
