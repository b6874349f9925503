import { checkSchema, type Issue, type SourceDocument } from '../diagnostics/index.ts';
import { manifestSchema } from './kinds.ts';
import { checkName } from './rules/name.ts';
import { RuleContext } from './rules/rule-context.ts';

const PARSER = ['spec', 'parser'];

/** Everything wrong with a LogParser, which this version reads but does not carry out. */
export function checkLogParser(apiVersion: string, document: SourceDocument): readonly Issue[] {
  const bySchema = checkSchema(document.value, manifestSchema('LogParser', apiVersion), { document });
  const context = new RuleContext(document);
  checkName(context);
  checkSection(context);
  return [...bySchema, ...context.issues, laterIssue(document)];
}

/** A section of Fluent Bit: lines of a key and a value. The name is that of the resource. */
function checkSection(context: RuleContext): void {
  const lines = (context.text(PARSER) ?? '').split('\n').map((line) => line.trim());
  const entries = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (entries.some((line) => !/^\S+\s+\S/.test(line))) {
    context.report('SL0105', PARSER, 'must be lines of a key and a value', {
      label: 'a line has no value',
      help: 'write each line as `Format regex`',
    });
  } else if (entries.some((line) => /^name\s/i.test(line))) {
    context.report('SL0105', PARSER, 'must not hold a name', {
      label: 'has a line `Name`',
      help: 'remove the line; the parser has the name of the resource',
    });
  }
}

function laterIssue(document: SourceDocument): Issue {
  const path = ['kind'];
  return {
    code: 'SL0106',
    severity: 'error',
    message: 'kind `LogParser` is not supported by this version yet',
    path,
    span: document.spanOf(path) ?? document.nearestSpan(path),
    label: 'this would be ignored, so it is refused',
    help: 'remove it; the pipelines beside it can run',
  };
}
