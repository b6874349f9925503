import { envRef } from '../../../otelcol/index.ts';

/** Set by whoever starts an agent: the node it runs on. */
export const NODE_NAME = 'MY_NODE_NAME';

/** Text with the name of the agent's node in it. */
export function withNodeName(before = '', after = ''): ReturnType<typeof envRef> {
  return envRef(NODE_NAME, { before, after });
}
