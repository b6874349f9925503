import { createHash } from 'node:crypto';
import { type Static, Type } from 'typebox';
import type { Issue } from '../../diagnostics/index.ts';
import { errorMessage } from '../../lib/index.ts';
import { type AttributeAction, compileResourcePatch, type ResourcePatch } from '../../pdata/index.ts';
import { defineProcessor } from '../component.ts';
import { settingsObject } from '../settings/schema.ts';
import { observeItems } from './telemetry.ts';

const ResourceConfig = settingsObject({
  attributes: Type.Array(
    settingsObject({
      action: Type.String(),
      key: Type.String(),
      value: Type.Unsafe<AttributeAction['value']>({}),
      default_value: Type.Unsafe<AttributeAction['value']>({}),
      from_attribute: Type.String(),
      pattern: Type.String(),
      converted_type: Type.String(),
    }),
  ),
});
type ResourceConfig = Static<typeof ResourceConfig>;

const environment = { sha256: (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest() };

/** Changes the attributes of resources. */
export const resourceProcessor = defineProcessor({
  schema: ResourceConfig,
  check: checkResource,
  create(settings, context) {
    const patch = compile(settings.attributes ?? []);
    return {
      attach: (stage) => {
        const { next, incoming } = observeItems(context, stage);
        return {
          consume(batch) {
            incoming.add(batch.itemCount);
            const bytes = patch(batch.bytes);
            return next.consume(bytes === batch.bytes ? batch : { ...batch, bytes });
          },
        };
      },
    };
  },
});

function compile(actions: NonNullable<ResourceConfig['attributes']>): ResourcePatch {
  return compileResourcePatch(actions as readonly AttributeAction[], environment);
}

function checkResource({ attributes = [] }: ResourceConfig): Issue[] {
  if (attributes.length === 0) {
    const help = 'add an entry such as `{key: team, value: shop, action: upsert}`';
    return [{ code: 'SL0102', severity: 'error', message: '`attributes` is required', path: ['attributes'], help }];
  }
  return attributes.flatMap((action, i): Issue[] => {
    const path = ['attributes', i];
    if (action.action === undefined) {
      return [{ code: 'SL0102', severity: 'error', message: '`action` is required', path: [...path, 'action'] }];
    }
    try {
      compile([action]);
      return [];
    } catch (error) {
      return [{ code: 'SL0105', severity: 'error', message: errorMessage(error), path }];
    }
  });
}
