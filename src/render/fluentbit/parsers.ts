import { type WritableSection, writeClassic } from '../../fluentbit/index.ts';
import type { LogParserNode } from '../../pipeline/index.ts';

/** Names of resources hold no underscore, so no LogParser has this one. */
export const POD_PARSER = 'sluice_pod_logs';

/** What the tag says of a Pod's file: its path, with dots for slashes. */
const POD_TAG =
  '^(?<namespace_name>[^_]+)_(?<pod_name>[^_]+)_(?<pod_id>[^_.]+)\\.(?<container_name>[^_.]+)\\.[^.]+\\.log$';

export function parsersConfig(parsers: readonly LogParserNode[]): string {
  const pods: WritableSection = {
    name: 'PARSER',
    entries: [
      { key: 'name', value: POD_PARSER },
      { key: 'format', value: 'regex' },
      { key: 'regex', value: POD_TAG },
    ],
  };
  const users = parsers.map(({ name, kind, entries }) => ({
    name: kind === 'parser' ? 'PARSER' : 'MULTILINE_PARSER',
    entries: [{ key: 'name', value: name }, ...entries],
  }));
  return writeClassic([pods, ...users]);
}
