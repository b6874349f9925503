import type { CodeEntry } from './code-entry.ts';

/** What can be wrong with OTTL, the language of `transform` and `filter`: SL02. */
export const OTTL_CODES: readonly CodeEntry[] = [
  {
    code: 'SL0201',
    title: 'unknown OTTL function',
    severity: 'error',
    explanation: 'There is no function with this name. Upper and lower case matter: `IsMatch`, `replace_pattern`.',
    example: 'isMatch(span.name, "^/healthz")',
    fix: 'Correct the name; the message names the one that was probably meant.',
  },
  {
    code: 'SL0202',
    title: 'not OTTL',
    severity: 'error',
    explanation:
      'The text breaks the grammar of OTTL. A statement is an editor with an optional `where`; a condition compares values with `==`, `!=`, `<`, `<=`, `>`, `>=` and joins comparisons with `and`, `or` and `not`.',
    example: 'set(span.name, "x") where span.kind = SPAN_KIND_SERVER',
    fix: 'Correct it at the place shown.',
  },
  {
    code: 'SL0203',
    title: 'path without a context',
    severity: 'error',
    explanation:
      'A path must begin with the name of what it belongs to, since span, resource and scope all have attributes.',
    example: 'set(attributes["team"], "payments")',
    fix: 'Write the context in front: `span.attributes["team"]` or `resource.attributes["team"]`.',
  },
  {
    code: 'SL0204',
    title: 'literal that can’t be read',
    severity: 'error',
    explanation:
      'A string is not closed or has an escape that does not exist, or a number is too large. In strings a backslash is written twice, also in patterns.',
    example: 'IsMatch(span.name, "\\d+")',
    fix: 'Close the string with `"`, write `\\\\` for a backslash, or correct the number.',
  },
  {
    code: 'SL0205',
    title: 'unknown path',
    severity: 'error',
    explanation: 'The context has no such field, or the field has no parts of this name or is not indexed.',
    example: 'set(span.nme, "x")',
    fix: 'Correct the name; the message names the one that was probably meant.',
  },
  {
    code: 'SL0206',
    title: 'unknown symbol',
    severity: 'error',
    explanation: 'A word in capitals stands for a number, and the context knows none with this name.',
    example: 'span.kind == SERVER',
    fix: 'Correct the name (`SPAN_KIND_SERVER`), or put text in double quotes.',
  },
  {
    code: 'SL0207',
    title: 'wrong arguments',
    severity: 'error',
    explanation: 'The function takes another number of arguments, or has no parameter with this name.',
    example: 'set(span.name)',
    fix: 'Write the arguments as the message shows them; those with a question mark may be left out.',
  },
  {
    code: 'SL0208',
    title: 'argument that can’t work',
    severity: 'error',
    explanation:
      'The function needs another type of value here, or the literal can never work, such as a pattern that is invalid.',
    example: 'IsMatch(span.name, "(")',
    fix: 'Correct the argument that the caret stands under.',
  },
  {
    code: 'SL0209',
    title: 'path that can’t be set',
    severity: 'error',
    explanation: 'The path can be read, but nothing can be set there.',
    example: 'set(metric.type, METRIC_DATA_TYPE_SUM)',
    fix: 'Set another path, or use the function that is made for it.',
  },
  {
    code: 'SL0210',
    title: 'editor and converter mixed up',
    severity: 'error',
    explanation:
      'Editors, written with a small letter, change data and begin a statement. Converters, with a capital one, yield a value and stand where a value may stand.',
    example: 'set(span.name, set(span.name, "x"))',
    fix: 'Begin the statement with an editor, and use converters for values.',
  },
  {
    code: 'SL0211',
    title: 'context out of reach',
    severity: 'error',
    explanation:
      'The path belongs to something that can’t be reached from here: a trace has no log records, and a resource does not know which of its spans is meant.',
    example: 'log.body == "x", in a TracePipeline',
    fix: 'Use a path of the contexts that the message names.',
  },
  {
    code: 'SL0212',
    title: 'no context fits',
    severity: 'error',
    explanation:
      'What statements and conditions run on is told from their paths together. None of the paths names a context, or no context has both the paths and a function or symbol that are used.',
    example: 'true == true',
    fix: 'Use a path, or move statements of different contexts to entries of their own.',
  },
  {
    code: 'SL0213',
    title: 'statement too large',
    severity: 'error',
    explanation: 'The statement or condition passes a limit of length or nesting that protects the process.',
    example: 'a condition of a megabyte',
    fix: 'Split it into several.',
  },
  {
    code: 'SL0214',
    title: 'not in the engine yet',
    severity: 'error',
    explanation: 'The Collector knows this function or path; the engine of Sluice does not.',
    example: 'set(span.attributes["agent"], UserAgent(span.attributes["user_agent.original"]))',
    fix: 'Leave it out, or run the pipeline with the Collector.',
  },
  {
    code: 'SL0215',
    title: 'function of another context',
    severity: 'error',
    explanation: 'The function exists, but not for what the statement runs on.',
    example: 'set(datapoint.value_int, 1) where HasAttrKeyOnDatapoint("a")',
    fix: 'Use paths of the context that the function works on.',
  },
  {
    code: 'SL0221',
    title: 'condition that is never true',
    severity: 'warning',
    explanation: 'The condition compares what can never be so, such as a number with text, or contradicts itself.',
    example: 'span.kind == "server"',
    fix: 'Compare with a value of the type that the message names.',
  },
  {
    code: 'SL0222',
    title: 'condition that is always true',
    severity: 'warning',
    explanation: 'The condition holds for everything. A filter with it drops all data of the pipeline.',
    example: 'span.kind != "server"',
    fix: 'Correct the comparison, or leave the condition out.',
  },
  {
    code: 'SL0223',
    title: 'filter for what a transform removes',
    severity: 'warning',
    explanation:
      'Transforms run before filters. The filter tests an attribute that a transform of the same pipeline has deleted, so it is always nil.',
    example: 'transform: delete_key(resource.attributes, "foo")\nfilter: resource.attributes["foo"] == "x"',
    fix: 'Test what is there after the transform.',
  },
  {
    code: 'SL0224',
    title: 'function that always fails',
    severity: 'warning',
    explanation:
      'An argument is always of another type than the function wants, so that the statement never has an effect.',
    example: 'set(span.attributes["kind"], ToUpperCase(span.kind))',
    fix: 'Convert the argument: `String(span.kind)`.',
  },
];
