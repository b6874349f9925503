import { expect, it } from 'vitest';
import { ApiError, type KubeClient, type KubeObject } from '../../kube/index.ts';
import { storedHashKey } from './hash-key.ts';

/** A Secret in an API server, and whoever writes it. */
function clientOf(initial: KubeObject | undefined) {
  let secret = initial;
  let requests = 0;
  const client = {
    get: async () => {
      if (++requests > 20) throw new Error('a loop');
      return secret;
    },
    create: async (_type: unknown, object: KubeObject) => {
      if (secret !== undefined) throw new ApiError({ status: 409, reason: 'AlreadyExists', message: '' });
      secret = object;
      return object;
    },
    mergePatch: async (_type: unknown, _ref: unknown, patch: { readonly data: object }) => {
      secret = { ...secret!, data: { ...(secret!['data'] as object), ...patch.data } };
      return secret;
    },
  } as unknown as KubeClient;
  return { client, data: () => secret?.['data'] };
}

const emptied = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'telemetry-hash-key', namespace: 'n' } };

it.each([
  ['is not there', undefined],
  ['was emptied by hand', { ...emptied, data: { other: 'x' } }],
])('a key is made where the Secret %s, and is the same from then on', async (_what, secret) => {
  const { client, data } = clientOf(secret);
  const key = await storedHashKey(client, 'n');
  expect(data()).toMatchObject({ key });
  expect(await storedHashKey(client, 'n')).toBe(key);
});
