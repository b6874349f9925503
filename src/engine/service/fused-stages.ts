import type { Signal } from '../../pdata/index.ts';
import type { ProcessorInstance } from '../component.ts';
import type { OttlEdit } from '../processor/ottl-edit.ts';
import { createOttlStage } from '../processor/ottl-stage.ts';

type Attachable = Pick<ProcessorInstance, 'attach'>;

/** The stages of a pipeline's processors: neighbours that run OTTL are one, so that a request is written once for all of them. */
export function fusedStages(instances: readonly ProcessorInstance[], signal: Signal): readonly Attachable[] {
  const stages: Attachable[] = [];
  let edits: OttlEdit[] = [];
  const end = () => {
    if (edits.length > 0) stages.push(stageOf(edits));
    edits = [];
  };
  for (const instance of instances) {
    const edit = instance.edit?.(signal);
    if (edit === undefined) {
      end();
      stages.push(instance);
      continue;
    }
    edits.push(edit);
    if (edit.makesItems) end();
  }
  end();
  return stages;
}

function stageOf(edits: readonly OttlEdit[]): Attachable {
  return { attach: (stage) => createOttlStage(edits, stage) };
}
