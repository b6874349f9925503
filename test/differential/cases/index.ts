import type { DifferentialCase } from '../case.ts';
import { answerCases } from './answers.ts';
import { attributesCases } from './attributes-processor.ts';
import { authenticationCases } from './authentication.ts';
import { batchingCases } from './batching.ts';
import { corsCases } from './cors.ts';
import { cumulativeToDeltaCases } from './cumulative-to-delta.ts';
import { debugCases } from './debug.ts';
import { exporterCases } from './exporters.ts';
import { failingBackendCases } from './failing-backend.ts';
import { filterAndTransformCases } from './filter-and-transform.ts';
import { memoryLimiterCases } from './memory-limiter.ts';
import { randomCases } from './random.ts';
import { resourceCases } from './resource-processor.ts';
import { routingCases } from './routing.ts';
import { tlsCases } from './tls.ts';

export const CASES: readonly DifferentialCase[] = [
  ...exporterCases,
  ...randomCases,
  ...debugCases,
  ...batchingCases,
  ...resourceCases,
  ...attributesCases,
  ...filterAndTransformCases,
  ...cumulativeToDeltaCases,
  ...routingCases,
  ...memoryLimiterCases,
  ...failingBackendCases,
  ...answerCases,
  ...authenticationCases,
  ...tlsCases,
  ...corsCases,
];
