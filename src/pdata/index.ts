export type { AttributeAction, AttributeActionEnvironment, HeaderLookup } from './attribute-action.ts';
export { type AttributeValue, readKeyValue, valueAsText } from './attribute-value.ts';
export { compactBytes } from './compact.ts';
export { countItems, countItemsWithin } from './count.ts';
export type { MatchProperties } from './item-match.ts';
export { compileItemPatch, type ItemPatchSettings } from './item-patch.ts';
export { mergeRequests } from './merge.ts';
export { compilePattern, MAX_PATTERN_PROGRAM, type Match, type Pattern } from './re2-pattern.ts';
export {
  compileResourceEdit,
  compileResourcePatch,
  type ResourceAttributes,
  type ResourceEdit,
  type ResourcePatch,
} from './resource-patch.ts';
export { type FieldSpec, type MessageName, REQUEST_MESSAGE, SCHEMA } from './schema.ts';
export { ITEM_NOUN, SIGNALS, type Signal } from './signal.ts';
export { type SplitLimits, splitRequest } from './split.ts';
export { MAX_MESSAGE_DEPTH, validateRequest } from './validate.ts';
export { wireTypeOf } from './walk-table.ts';
export { FieldReader } from './wire/field-reader.ts';
export { tagOf, varintSize, WIRE_TYPE } from './wire/format.ts';
export { WireWriter } from './wire/wire-writer.ts';
