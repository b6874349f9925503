import { type Signal, WireWriter } from '../../pdata/index.ts';
import type { MessageView } from './message-view.ts';
import { RequestWalk } from './request-walk.ts';
import type { RowStep, Walk } from './row-step.ts';
import { Workspace } from './workspace.ts';

export interface EditResult {
  /** The same object if nothing changed; of no length if nothing is left. */
  readonly bytes: Uint8Array;
  /** Items (spans, data points, log records) that went with the rows that were dropped. */
  readonly dropped: number;
  /** The same by the step that dropped them; steps that dropped none are missing. */
  readonly droppedBy: ReadonlyMap<RowStep, number>;
}

/**
 * Runs on validated requests. What a step throws comes out of it, and the request is as it was. What is written lies in `output`,
 * which is empty before; without one, in memory of its own.
 */
export type RequestEditor = (bytes: Uint8Array, output?: WireWriter) => EditResult;

/** What a larger request made grow is not kept. */
const MAX_KEPT_BYTES = 8 * 1024 * 1024;

/** Nothing is written before the last walk has ended. The editor keeps its buffers, so compile it once. */
export function compileEditor(signal: Signal, walks: readonly Walk[]): RequestEditor {
  const compiled = walks.filter((steps) => steps.length > 0).map((steps) => new RequestWalk(signal, steps));
  let workspace = new Workspace();
  return (bytes, output) => {
    const { request } = workspace;
    const droppedBy = new Map<RowStep, number>();
    try {
      workspace.begin(bytes);
      for (const walk of compiled) walk.run(workspace, droppedBy);
      return { bytes: request.changed ? written(request, output) : bytes, dropped: total(droppedBy), droppedBy };
    } finally {
      if (bytes.length > MAX_KEPT_BYTES) workspace = new Workspace();
      else workspace.end();
    }
  };
}

/** The writer wants room for the longest number wherever it puts one: with none to spare it would grow for the last. */
function written(view: MessageView, output?: WireWriter): Uint8Array {
  const writer = output ?? new WireWriter(view.contentSize() + 16);
  view.writeContent(writer);
  return writer.finish();
}

function total(droppedBy: ReadonlyMap<RowStep, number>): number {
  let sum = 0;
  for (const count of droppedBy.values()) sum += count;
  return sum;
}
