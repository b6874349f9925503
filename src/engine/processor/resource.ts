import { type AttributeAction, compileResourcePatch, type ResourcePatch } from '../../pdata/index.ts';
import { defineProcessor } from '../component.ts';
import { AttributeActions, actionEnvironment, checkActions } from '../settings/attribute-actions.ts';
import { settingsObject } from '../settings/schema.ts';
import { createPatchStage } from './patch-stage.ts';

const ResourceConfig = settingsObject({ attributes: AttributeActions });

/** Changes the attributes of resources. */
export const resourceProcessor = defineProcessor({
  schema: ResourceConfig,
  check: ({ attributes }) => checkActions(attributes, 'attributes', compile),
  create(settings, context) {
    const patch = compile((settings.attributes ?? []) as readonly AttributeAction[]);
    return { attach: (stage) => createPatchStage(context, stage, patch) };
  },
});

function compile(actions: readonly AttributeAction[]): ResourcePatch {
  return compileResourcePatch(actions, actionEnvironment);
}
