export { compileEditor, type EditResult, type RequestEditor } from './edit-request.ts';
export { enumsOf } from './enums.ts';
export { appendMetric, metricContent, replaceMetric } from './metric-edit.ts';
export { fieldNames, pathNames, resolvePath } from './resolve-path.ts';
export { encodeMessage, type MessageFields, type RowFields, rowOf } from './row-of.ts';
export type { RowStep, Walk } from './row-step.ts';
