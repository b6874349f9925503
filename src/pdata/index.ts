export { countItems } from './count.ts';
export { mergeRequests } from './merge.ts';
export { ITEM_NOUN, SIGNALS, type Signal } from './signal.ts';
export { type RequestPart, type SplitLimits, splitRequest } from './split.ts';
export { MAX_MESSAGE_DEPTH, type RequestValidation, validateRequest } from './validate.ts';
export { FieldReader } from './wire/field-reader.ts';
export { WIRE_TYPE, type WireType } from './wire/format.ts';
export { WireWriter } from './wire/wire-writer.ts';
