import { type AttributeAction, compileResourcePatch, type ResourcePatch } from '../../pdata/index.ts';
import { defineProcessor } from '../component.ts';
import { AttributeActions, actionEnvironment, checkActions, headersOf } from '../settings/attribute-actions.ts';
import { settingsObject } from '../settings/schema.ts';
import { observeItems } from './telemetry.ts';

const ResourceConfig = settingsObject({ attributes: AttributeActions });

/** Changes the attributes of resources. */
export const resourceProcessor = defineProcessor({
  schema: ResourceConfig,
  check: ({ attributes }) => checkActions(attributes, 'attributes', compile),
  create(settings, context) {
    const patch = compile((settings.attributes ?? []) as readonly AttributeAction[]);
    return {
      attach: (stage) => {
        const { next, incoming } = observeItems(context, stage);
        return {
          consume(batch) {
            incoming.add(batch.itemCount);
            const bytes = patch(batch.bytes, headersOf(batch));
            return next.consume(bytes === batch.bytes ? batch : { ...batch, bytes });
          },
        };
      },
    };
  },
});

function compile(actions: readonly AttributeAction[]): ResourcePatch {
  return compileResourcePatch(actions, actionEnvironment);
}
