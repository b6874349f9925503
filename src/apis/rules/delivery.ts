import type { Path } from '../../diagnostics/index.ts';
import { formatByteSize } from '../../lib/index.ts';
import { defaultMaxSize } from '../defaults.ts';
import { quantityBytes } from '../quantity.ts';
import type { RuleContext } from './rule-context.ts';

const DELIVERY: Path = ['spec', 'delivery'];
const BUFFER: Path = [...DELIVERY, 'buffer'];
const GUARANTEE: Path = [...DELIVERY, 'guarantee'];
const STORAGE: Path = [...BUFFER, 'storage'];
const MAX_SIZE: Path = [...BUFFER, 'maxSize'];
const VOLUME_SIZE: Path = [...BUFFER, 'volume', 'size'];

/** Outputs that never make data wait, so that there is nothing a queue on disk could keep. */
const WITHOUT_QUEUE = ['stdout', 'file', 'http', 'custom'] as const;

/** What a guarantee needs of the buffer and of the output. */
export function checkDelivery(context: RuleContext): void {
  const isAtLeastOnce = context.at(GUARANTEE) === 'AtLeastOnce';
  if (isAtLeastOnce) checkAtLeastOnce(context);
  const isOnDisk = (context.at(STORAGE) ?? (isAtLeastOnce ? 'Disk' : 'Memory')) === 'Disk';
  if (!isOnDisk && context.object([...BUFFER, 'volume']) !== undefined) {
    context.report('SL0114', [...BUFFER, 'volume'], 'needs `storage: Disk`', {
      part: 'key',
      label: 'this buffer is in memory',
      help: 'set `storage: Disk`, or remove `volume`',
    });
  }
  if (isOnDisk) checkVolumeSize(context);
}

function checkAtLeastOnce(context: RuleContext): void {
  if (context.at(STORAGE) === 'Memory') {
    context.report('SL0114', STORAGE, 'must be `Disk` with `AtLeastOnce`', {
      label: 'memory does not outlive the process',
      related: context.related(GUARANTEE, 'the guarantee'),
      help: 'remove `storage`, or use `guarantee: BestEffort`',
    });
  }
  const output = WITHOUT_QUEUE.find((name) => {
    const value = context.at(['spec', 'output', name]);
    return value !== undefined && value !== '';
  });
  if (output === undefined) return;
  context.report('SL0114', GUARANTEE, `must not be \`AtLeastOnce\` with the output \`${output}\``, {
    label: 'there is no queue that could keep it',
    related: context.related(['spec', 'output', output], 'the output'),
    help: 'use the output `otlp`, or `guarantee: BestEffort`',
  });
}

/** Indexes, files that are still written to, and what a file system keeps for itself. */
const VOLUME_FACTOR = 1.1;

/** On a smaller volume the disk is full before the buffer is, and what the pipeline says of a full buffer never happens. */
function checkVolumeSize(context: RuleContext): void {
  const [volume, buffer] = [context.at(VOLUME_SIZE), context.at(MAX_SIZE) ?? defaultMaxSize.Disk].map((size) =>
    typeof size === 'string' || typeof size === 'number' ? quantityBytes(size) : undefined,
  );
  if (volume === undefined || buffer === undefined || volume >= buffer * VOLUME_FACTOR) return;
  context.report('SL0113', VOLUME_SIZE, 'must be at least `maxSize` and a tenth of it', {
    label: `${formatByteSize(volume)} cannot hold ${formatByteSize(buffer)} and its files`,
    related: context.related(MAX_SIZE, 'the buffer'),
    help: 'remove it: it is then as large as the program that runs the buffer needs it',
  });
}
