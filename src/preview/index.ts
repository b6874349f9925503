export { type Item, itemTitle } from './item.ts';
export { type Difference, judge, MISSING, type Verdict } from './judge.ts';
export { decodeItems, itemsOfJson } from './otlp-item.ts';
export { type ItemOutcome, type Preview, type Rule, type RuleOutcome, rulePath } from './outcome.ts';
export { type PipelineTest, readPipelineTests, type TestInput } from './pipeline-test.ts';
export { previewPipeline } from './preview-pipeline.ts';
export { testDocument } from './test-document.ts';
export { type Change, valuesNamedIn, valuesOf } from './values.ts';
