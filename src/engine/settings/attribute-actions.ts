import { createHash } from 'node:crypto';
import type { Static } from 'typebox';
import type { Issue } from '../../diagnostics/index.ts';
import { errorMessage, Type } from '../../lib/index.ts';
import type { AttributeAction, AttributeActionEnvironment, HeaderLookup } from '../../pdata/index.ts';
import type { Batch } from '../batch.ts';
import { settingsObject } from './schema.ts';

/** `actions` of the attributes processor, which the resource processor calls `attributes`. */
export const AttributeActions = Type.Array(
  settingsObject({
    action: Type.String(),
    key: Type.String(),
    value: Type.Unsafe<AttributeAction['value']>({}),
    default_value: Type.Unsafe<AttributeAction['value']>({}),
    from_attribute: Type.String(),
    from_context: Type.String(),
    pattern: Type.String(),
    converted_type: Type.String(),
  }),
);
export type AttributeActions = Static<typeof AttributeActions>;

export const actionEnvironment: AttributeActionEnvironment = {
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
};

/** Each action for itself, `compile` being what the processor does with all. */
export function checkActions(
  actions: AttributeActions | undefined,
  path: string,
  compile: (actions: readonly AttributeAction[]) => unknown,
): Issue[] {
  if (actions === undefined || actions.length === 0) {
    const help = 'add an entry such as `{key: team, value: shop, action: upsert}`';
    return [{ code: 'SL0102', severity: 'error', message: `\`${path}\` is required`, path: [path], help }];
  }
  return actions.flatMap((action, i): Issue[] => {
    if (action.action === undefined) {
      return [{ code: 'SL0102', severity: 'error', message: '`action` is required', path: [path, i, 'action'] }];
    }
    try {
      compile([action as AttributeAction]);
      return [];
    } catch (error) {
      return [{ code: 'SL0105', severity: 'error', message: errorMessage(error), path: [path, i] }];
    }
  });
}

/** The request headers that a batch carries, as `from_context` reads them. */
export function headersOf({ metadata }: Batch): HeaderLookup {
  return (name) => (Object.hasOwn(metadata ?? {}, name) ? metadata?.[name]?.join(';') : undefined);
}
