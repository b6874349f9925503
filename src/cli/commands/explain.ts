import { CODES, CONCEPTS, REASONS } from '../../diagnostics/index.ts';
import { type CliContext, CliError } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { fieldPaths, fieldRoots } from '../explain/field.ts';
import { ottlContexts, ottlFunctions } from '../explain/ottl.ts';
import { findTopic, type Topic, topicProblem } from '../explain/topic.ts';
import { topicText } from '../explain/topic-text.ts';
import { asCalled } from '../program-name.ts';
import { formatDocument, OUTPUT_HELP, type OutputFormat, parseOutputFlag, reportDocument } from '../report-document.ts';
import type { Verb } from '../verb.ts';

export const explainVerb: Verb = {
  name: 'explain',
  examples: [
    'sluice explain SL0101',
    'sluice explain tp.spec.output.otlp',
    'sluice explain NoDataYet',
    'sluice explain IsMatch',
    'sluice explain queue',
    'sluice explain            lists everything',
  ],
  words: () => [
    ...CODES.map(({ code }) => code),
    ...REASONS.map(({ reason }) => reason),
    ...CONCEPTS.map(({ name }) => name),
    ...fieldPaths(),
    ...ottlFunctions().map(({ name }) => name),
    ...ottlContexts().flatMap(({ context, paths }) => [context, ...paths]),
  ],
  define: (command) =>
    command
      .argument(
        '[topic]',
        'a code, a field such as tp.spec.output, a reason such as NoDataYet, a function or path of OTTL, or a concept',
      )
      .option('-o, --output <format>', OUTPUT_HELP, 'text'),
  async run(flags, [word], context) {
    const format = parseOutputFlag(flags['output']);
    if (word === undefined)
      context.stdout.write(format === 'text' ? listText() : report(listItems(), '', format, context));
    else {
      const topic = findTopic(word);
      if (topic === undefined)
        throw new CliError(EXIT.usage, 'SL0905', topicProblem(word), ['everything:  sluice explain']);
      const text = () => asCalled(topicText(topic, context.stdout.columns), context.program);
      context.stdout.write(format === 'text' ? text() : report([itemOf(topic)], word, format, context));
    }
    return EXIT.ok;
  },
};

function itemOf({ kind, entry }: Topic): unknown {
  return { topic: `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`, ...entry };
}

function listItems(): readonly unknown[] {
  return [
    ...CODES.map((entry) => itemOf({ kind: 'code', entry })),
    ...REASONS.map((entry) => itemOf({ kind: 'reason', entry })),
    ...CONCEPTS.map((entry) => itemOf({ kind: 'concept', entry })),
    ...ottlFunctions().map((entry) => itemOf({ kind: 'function', entry })),
    ...ottlContexts().map((entry) => itemOf({ kind: 'path', entry })),
  ];
}

function report(
  items: readonly unknown[],
  target: string,
  format: Exclude<OutputFormat, 'text'>,
  context: CliContext,
): string {
  const document = reportDocument({ kind: 'ExplainReport', target, summary: { count: items.length }, items }, context);
  return formatDocument(document, format);
}

function listText(): string {
  const lines = [
    ...CODES.map(({ code, title }) => `${code}  ${title}`),
    '',
    'Reasons of conditions and status',
    ...REASONS.map(({ reason, condition, status }) => `  ${reason.padEnd(34)}${condition} = ${status}`),
    '',
    'Fields',
    ...fieldRoots().map(([path, description]) => `  ${path.padEnd(34)}${description}`),
    '',
    'Concepts',
    ...CONCEPTS.map(({ name, title }) => `  ${name.padEnd(34)}${title}`),
    '',
    'OTTL',
    ...ottlContexts().map(({ context, signals }) => `  ${context.padEnd(34)}paths in rules for ${signals.join(', ')}`),
    ...ottlFunctions().map(({ name, doc }) => `  ${name.padEnd(34)}${doc}`),
  ];
  return `${lines.join('\n')}\n`;
}
