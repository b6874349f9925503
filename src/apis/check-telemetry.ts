import { checkSchema, type Issue, type SourceDocument } from '../diagnostics/index.ts';
import { manifestSchema } from './kinds.ts';
import { RuleContext } from './rules/rule-context.ts';

/** Everything wrong with a Telemetry. SL0321 says that it is another than the one that counts. */
export function checkTelemetry(apiVersion: string, document: SourceDocument): readonly Issue[] {
  const bySchema = checkSchema(document.value, manifestSchema('Telemetry', apiVersion), { document });
  const context = new RuleContext(document);
  checkName(context);
  return [...bySchema, ...context.issues];
}

function checkName(context: RuleContext): void {
  const name = context.text(['metadata', 'name']);
  if (name === undefined || name === '' || name === 'default') return;
  context.report('SL0321', ['metadata', 'name'], 'is not `default`, so this Telemetry has no effect', {
    severity: 'warning',
    label: 'left out',
    help: 'call it `default`; its settings count for all pipelines',
  });
}
