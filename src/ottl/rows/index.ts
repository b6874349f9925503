export { compileEditor, type EditResult, type RequestEditor, type RowStep, type Walk } from './edit-request.ts';
export { enumsOf } from './enums.ts';
export { resolvePath } from './resolve-path.ts';
export { type MessageFields, rowOf } from './row-of.ts';
