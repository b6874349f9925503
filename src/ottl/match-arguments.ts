import { suggest } from '../diagnostics/index.ts';
import type { FunctionSpec } from './function.ts';
import { reportError, type Scope } from './scope.ts';
import type { Call, CallArgument } from './syntax.ts';

/** The arguments by parameter; undefined for one that is left out, and instead of all where a problem was told. */
export function matchArguments(
  call: Call,
  spec: FunctionSpec,
  scope: Pick<Scope, 'report'>,
): readonly (CallArgument | undefined)[] | undefined {
  const { parameters } = spec;
  const matched: (CallArgument | undefined)[] = parameters.map(() => undefined);
  const { length } = call.arguments;
  if (length > parameters.length) {
    const extra = call.arguments[parameters.length]!;
    report(
      scope,
      { start: extra.start, end: call.arguments.at(-1)!.end },
      `\`${spec.name}\` takes ${count(spec)}, found ${length}`,
      spec,
    );
    return undefined;
  }
  let isWhole = true;
  for (const [position, argument] of call.arguments.entries()) {
    const at = argument.name === undefined ? position : findParameter(spec, argument.name);
    const problem = problemOf(call, position, { at, isTaken: matched[at] !== undefined, spec });
    if (problem !== undefined) {
      report(scope, argument, problem, spec);
      isWhole = false;
    } else matched[at] = argument;
  }
  const missing = parameters.filter(({ optional }, at) => !optional && matched[at] === undefined);
  if (isWhole && missing.length > 0) {
    const names = missing.map(({ name }) => `\`${name}\``).join(', ');
    report(
      scope,
      call,
      `\`${spec.name}\` takes ${count(spec)}; ${names} ${missing.length === 1 ? 'is' : 'are'} missing`,
      spec,
    );
    return undefined;
  }
  return isWhole ? matched : undefined;
}

function problemOf(
  call: Call,
  position: number,
  { at, isTaken, spec }: { readonly at: number; readonly isTaken: boolean; readonly spec: FunctionSpec },
): string | undefined {
  const { name } = call.arguments[position]!;
  if (name === undefined) {
    const isLate = call.arguments.slice(0, position).some((before) => before.name !== undefined);
    return isLate ? 'an argument without a name stands behind one with a name' : undefined;
  }
  if (at === -1) {
    const meant = suggest(
      name,
      spec.parameters.map((parameter) => parameter.name),
    );
    return `\`${spec.name}\` has no parameter \`${name}\`${meant === undefined ? '' : `; did you mean \`${meant}\`?`}`;
  }
  return isTaken ? `\`${name}\` is given twice` : undefined;
}

function report(
  scope: Pick<Scope, 'report'>,
  range: { readonly start: number; readonly end: number },
  message: string,
  spec: FunctionSpec,
): void {
  reportError(scope, range, { code: 'SL0207', message, help: `it is \`${signatureOf(spec)}\`` });
}

/** `set(target, value)`, optional parameters with a question mark. */
export function signatureOf({ name, parameters }: FunctionSpec): string {
  return `${name}(${parameters.map((one) => one.name + (one.optional ? '?' : '')).join(', ')})`;
}

function count({ parameters }: FunctionSpec): string {
  const most = parameters.length;
  const least = parameters.filter(({ optional }) => !optional).length;
  const noun = most === 1 ? 'argument' : 'arguments';
  if (most === 0) return 'no arguments';
  return least === most ? `${most} ${noun}` : `${least} to ${most} ${noun}`;
}

/** Names match as the Collector's do: `replacement_format` and `replacementFormat` are one. */
function findParameter({ parameters }: FunctionSpec, name: string): number {
  const camel = toCamel(name);
  return parameters.findIndex((parameter) => toCamel(parameter.name) === camel);
}

/** The name that the Collector looks for (iancoleman/strcase): `sourceIP` becomes SourceIp, and only `source_i_p` SourceIP. */
function toCamel(name: string): string {
  return name
    .replace(/(?<=[A-Z])[A-Z]/g, (letter) => letter.toLowerCase())
    .replace(/(?:^|_+|(?<=\d))([a-z]?)/g, (_, letter: string) => letter.toUpperCase());
}
