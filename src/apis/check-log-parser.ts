import { checkSchema, type Issue, type SourceDocument } from '../diagnostics/index.ts';
import {
  checkParser,
  type Entry,
  isShippedParser,
  type ParserKind,
  type Problem,
  parseEntries,
  parserKind,
} from '../fluentbit/index.ts';
import { manifestSchema } from './kinds.ts';
import { checkName } from './rules/name.ts';
import { RuleContext } from './rules/rule-context.ts';

const NAME = ['metadata', 'name'];
const PARSER = ['spec', 'parser'];

/** A valid LogParser: a section of Fluent Bit's parsers file. Its name is that of the resource. */
export interface LogParser {
  readonly name: string;
  readonly kind: ParserKind;
  readonly entries: readonly { readonly key: string; readonly value: string }[];
}

export interface LoadedLogParser {
  readonly parser: LogParser;
  readonly document: SourceDocument;
}

export interface CheckedLogParser {
  /** Absent when it has an error: Fluent Bit would not start with it. */
  readonly parser?: LogParser;
  readonly issues: readonly Issue[];
}

export function checkLogParser(apiVersion: string, document: SourceDocument): CheckedLogParser {
  const bySchema = checkSchema(document.value, manifestSchema('LogParser', apiVersion), { document });
  const context = new RuleContext(document);
  checkName(context);
  const name = context.text(NAME);
  if (name !== undefined && isShippedParser(name)) reportShipped(context, name);
  const text = context.text(PARSER);
  const { entries, problems } = checkSection(text ?? '');
  for (const problem of text === undefined || text === '' ? [] : problems) reportProblem(context, document, problem);
  const issues = [...bySchema, ...context.issues];
  if (issues.some(({ severity }) => severity === 'error') || name === undefined) return { issues };
  const kept = entries.map(({ key, value }) => ({ key: key.toLowerCase(), value }));
  return { parser: { name, kind: parserKind(entries), entries: kept }, issues };
}

function checkSection(text: string): { readonly entries: readonly Entry[]; readonly problems: readonly Problem[] } {
  const { entries, problems } = parseEntries(text);
  const names = entries.filter(({ key }) => key.toLowerCase() === 'name').map(({ keyAt }) => ownName(keyAt));
  const found = [...problems, ...names, ...entries.flatMap(variables)];
  const whole = { start: 0, end: text.length };
  return { entries, problems: found.length > 0 ? found : checkParser(parserKind(entries), entries, whole) };
}

function ownName({ start, end }: Entry['keyAt']): Problem {
  return {
    code: 'SL0105',
    severity: 'error',
    message: 'must not hold a name',
    start,
    end,
    label: 'a line `Name`',
    help: 'remove the line; the parser has the name of the resource',
  };
}

/** Fluent Bit replaces them here as well, and its environment holds the Secrets of all pipelines. */
function variables({ value, valueAt }: Entry): readonly Problem[] {
  const at = value.indexOf('${');
  if (at < 0) return [];
  return [
    {
      code: 'SL0135',
      severity: 'error',
      message: 'must not name variables; a LogParser has none',
      start: valueAt.start + at,
      end: valueAt.start + at + 2,
      label: 'Fluent Bit would look for a variable here',
      help: 'write the text itself',
    },
  ];
}

function reportShipped(context: RuleContext, name: string): void {
  context.report('SL0137', NAME, `is the name of a parser that Fluent Bit has itself: \`${name}\``, {
    label: 'Fluent Bit does not start with two of one name',
    help: `give it another name, such as \`my-${name.replaceAll('_', '-')}\``,
  });
}

function reportProblem(context: RuleContext, document: SourceDocument, problem: Problem): void {
  const { code, severity, message, start, end, label, help } = problem;
  const span = document.spanWithin(PARSER, start, end);
  context.report(code, PARSER, message, {
    severity,
    ...(span === undefined ? {} : { span }),
    ...(label === undefined ? {} : { label }),
    ...(help === undefined ? {} : { help }),
  });
}
