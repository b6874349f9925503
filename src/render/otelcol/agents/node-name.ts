import { envRef } from '../../../otelcol/index.ts';

/** Set by whoever starts an agent: the node it runs on. */
export const NODE_NAME = 'MY_NODE_NAME';

/** Set likewise: the node's address. Its name is one that DNS need not know. */
export const NODE_ADDRESS = 'MY_NODE_ADDRESS';

/** Text with the address of the agent's node in it. */
export function withNodeAddress(before = '', after = ''): ReturnType<typeof envRef> {
  return envRef(NODE_ADDRESS, { before, after });
}

/** Text with the name of the agent's node in it. */
export function withNodeName(before = '', after = ''): ReturnType<typeof envRef> {
  return envRef(NODE_NAME, { before, after });
}
