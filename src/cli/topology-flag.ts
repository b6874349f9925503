import { suggest } from '../diagnostics/index.ts';
import { TOPOLOGY_TYPES, type TopologyType } from '../topology/index.ts';
import { CliError } from './context.ts';
import { EXIT } from './exit-code.ts';

/** `PerSignal` as the command line writes it: `per-signal`. */
export function topologyWord(type: TopologyType): string {
  return type.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
}

/** `per-signal`, or `PerSignal` as the API spells it; undefined when the flag was not given. */
export function parseTopologyFlag(value: unknown): TopologyType | undefined {
  if (value === undefined) return undefined;
  const type = TOPOLOGY_TYPES.find((one) => value === one || value === topologyWord(one));
  if (type !== undefined) return type;
  const words = TOPOLOGY_TYPES.map(topologyWord);
  const near = suggest(String(value), words);
  throw new CliError(
    EXIT.usage,
    'SL0903',
    `--topology takes ${words.map((word) => `\`${word}\``).join(', ')}, got \`${String(value)}\``,
    near === undefined ? [] : [`did you mean:  --topology ${near}`],
  );
}
