import { formatPath, type Issue, type Path, type SourceDocument } from '../diagnostics/index.ts';
import type { PipelineGraph } from './graph.ts';

const MAX_SIZE: Path = ['spec', 'delivery', 'buffer', 'maxSize'];

/** The largest request that senders may send. */
const LARGEST_REQUEST_MIB = 16;

/** A queue that refuses takes requests as they come, and never one that is larger than itself: its sender would try for ever. */
export function smallRefusingBuffer({ receivers, queue }: PipelineGraph, document: SourceDocument): readonly Issue[] {
  const isPushed = receivers.some(({ type }) => type === 'otlp');
  if (!isPushed || queue?.onFull !== 'Block' || queue.sizeBytes >= LARGEST_REQUEST_MIB * 2 ** 20) return [];
  return [
    {
      code: 'SL0309',
      severity: 'warning',
      message: `\`${formatPath(MAX_SIZE)}\` is smaller than the largest requests`,
      path: MAX_SIZE,
      span: document.spanOf(MAX_SIZE) ?? document.nearestSpan(MAX_SIZE),
      label: `a request of up to ${LARGEST_REQUEST_MIB} MiB that does not fit is refused each time it is sent`,
      help: `use at least ${LARGEST_REQUEST_MIB}Mi`,
    },
  ];
}
