import type { Issue, SourceDocument } from '../../diagnostics/index.ts';
import { KINDS } from '../kinds.ts';
import type { PipelineKind } from '../resource.ts';
import { checkDelivery } from './delivery.ts';
import { checkLogPipeline } from './log-pipeline.ts';
import { checkName } from './name.ts';
import { checkOtlpOutput } from './otlp-output.ts';
import { checkOutput } from './output.ts';
import { checkRemoteWriteOutput } from './remote-write-output.ts';
import { RuleContext } from './rule-context.ts';
import { checkAdditionalMetrics, checkContainerNames } from './runtime-input.ts';
import { checkShapes } from './shapes.ts';
import { checkSize } from './size.ts';

const MIN_SIZE = '1Mi';

/** What the schema cannot say: rules between fields, and the form of endpoints, headers, sizes and names. In no particular order. */
export function checkRules(kind: PipelineKind, document: SourceDocument): Issue[] {
  const context = new RuleContext(document);
  const { spec } = KINDS[kind];
  checkName(context);
  checkOutput(context, Object.keys(spec.properties?.['output']?.properties ?? {}));
  checkShapes(context, spec, ['spec']);
  checkSize(context, ['spec', 'delivery', 'buffer', 'maxSize'], MIN_SIZE);
  checkSize(context, ['spec', 'output', 'file', 'rotation', 'maxSize'], MIN_SIZE);
  checkDelivery(context);
  checkOtlpOutput(context);
  checkRemoteWriteOutput(context);
  checkAdditionalMetrics(context);
  checkContainerNames(context);
  if (kind === 'LogPipeline') checkLogPipeline(context);
  return context.issues;
}
