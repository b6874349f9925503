import { formatPath, type Issue, type Path, type SourceDocument } from '../diagnostics/index.ts';
import type { ContainerLogsReceiverNode, PipelineGraph } from './graph.ts';

const MAX_SIZE: Path = ['spec', 'delivery', 'buffer', 'maxSize'];

/**
 * A queue never takes what is larger than itself. The Collector's reader hands over 100 lines at once; at the 16 KiB that
 * container runtimes leave whole these are 1.6 MiB, twice that with the lines as they were written.
 */
export function smallLogBuffer({ receivers, queue }: PipelineGraph, document: SourceDocument): readonly Issue[] {
  const reader = receivers.find((one): one is ContainerLogsReceiverNode => one.type === 'container-logs');
  if (reader === undefined || queue === undefined) return [];
  const neededMib = reader.keepOriginalBody ? 4 : 2;
  if (queue.sizeBytes >= neededMib * 2 ** 20) return [];
  return [
    {
      code: 'SL0309',
      severity: 'warning',
      message: `\`${formatPath(MAX_SIZE)}\` may be too small for the logs of containers`,
      path: MAX_SIZE,
      span: document.spanOf(MAX_SIZE) ?? document.nearestSpan(MAX_SIZE),
      label: '100 lines are read at once; when they are long they never fit',
      help: `use at least ${neededMib}Mi`,
    },
  ];
}
