import { type Command, CommanderError, type Help } from 'commander';
import { suggest } from '../diagnostics/index.ts';
import { type CliContext, CliError } from './context.ts';
import { EnvCommand } from './env-flags.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { defineGlobalFlags, withGlobalFlags } from './global-flags.ts';
import { asCalled } from './program-name.ts';

/**
 * One verb of the command line. `define` adds arguments and options to a fresh commander Command, `run` does the work and
 * answers with the exit code. A verb throws CliError for what people can mend; anything else it throws is a bug.
 */
export interface Verb {
  readonly name: string;
  /** Shown at the top of the help, before the options; each begins with `sluice`. */
  readonly examples: readonly string[];
  define(command: Command): Command;
  /** What the first argument may be, for the completion of shells. */
  words?(): readonly string[];
  /** `flags` are commander's camelCased options, `args` the positional arguments. */
  run(flags: Record<string, unknown>, args: readonly string[], context: CliContext): Promise<ExitCode>;
}

export type VerbGroup = 'Run' | 'Write and check' | 'Kubernetes' | 'Try things' | 'About';

export interface VerbEntry {
  readonly group: VerbGroup;
  readonly summary: string;
  readonly load: () => Promise<Verb>;
}

export interface VerbCall {
  /** One line that says what the verb does. */
  readonly summary: string;
  /** The command line after the verb. */
  readonly argv: readonly string[];
}

/** Parses the command line and runs the verb. Usage mistakes become SL0902 and SL0903 with exit code 2. */
export async function runVerb(verb: Verb, call: VerbCall, context: CliContext): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const command = commandOf(verb, call.summary, context).action(async () => {
    const flags = command.opts();
    try {
      code = await verb.run(flags, command.args, withGlobalFlags(context, flags));
    } catch (error) {
      throw namingTheVariable(error, command);
    }
  });
  try {
    await command.parseAsync(call.argv as string[], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT.ok;
    throw usageError(verb, command, error);
  }
  return code;
}

function commandOf(verb: Verb, summary: string, context: CliContext): EnvCommand {
  const examples = verb.examples.map((line) => `  $ ${asCalled(line, context.program)}\n`).join('');
  const command = new EnvCommand(`${context.program} ${verb.name}`, context.env);
  verb
    .define(command)
    .description(summary)
    .helpOption('-h, --help', 'show this help')
    .exitOverride()
    .configureOutput({ writeOut: (text) => context.stdout.write(text), writeErr: () => {} })
    .configureHelp({ optionDescription })
    .addHelpText('before', examples)
    .addHelpText('after', '\nAn option can also stand in the environment: SLUICE_COLOR=never for --color never.')
    .allowExcessArguments(false);
  defineGlobalFlags(command);
  return command;
}

/** As commander writes it, without the name of the variable at each option, and without quotes around a default. */
function optionDescription(this: Help, option: Parameters<Help['optionDescription']>[0]): string {
  const { defaultValue, description } = option;
  return typeof defaultValue === 'string' ? `${description} (default: ${defaultValue})` : description;
}

/** A bad value that nobody typed in this call would puzzle: say which variable it came from. */
function namingTheVariable(error: unknown, command: EnvCommand): unknown {
  if (!(error instanceof CliError) || error.code !== 'SL0903') return error;
  const origin = command.flagsFromEnv.find(({ flag }) => error.message.startsWith(`${flag} `));
  if (origin === undefined) return error;
  const hints = [...error.hints, `the value comes from ${origin.variable} in the environment`];
  return new CliError(error.exitCode, error.code, error.message, hints);
}

function usageError(verb: Verb, command: Command, error: CommanderError): CliError {
  const hints = [`see:  sluice ${verb.name} --help`];
  const named = /'([^']+)'/.exec(error.message)?.[1] ?? '';
  switch (error.code) {
    case 'commander.unknownOption': {
      const known = command.options.map((option) => option.long ?? option.short ?? '');
      const near = suggest(named, known);
      const meant = near ? `; did you mean \`${near}\`?` : '';
      return new CliError(EXIT.usage, 'SL0903', `\`${verb.name}\` has no option \`${named}\`${meant}`, hints);
    }
    case 'commander.excessArguments':
      return new CliError(EXIT.usage, 'SL0902', excessMessage(verb, command), hints);
    case 'commander.missingMandatoryOptionValue':
      return new CliError(EXIT.usage, 'SL0903', `\`${verb.name}\` needs \`${named}\``, hints);
    case 'commander.optionMissingArgument':
      return new CliError(EXIT.usage, 'SL0903', `\`${named}\` needs a value`, hints);
    default:
      return new CliError(EXIT.usage, 'SL0903', error.message.replace(/^error: /, ''), hints);
  }
}

function excessMessage(verb: Verb, command: Command): string {
  const expected = command.registeredArguments.length;
  const excess = command.args[expected] ?? '';
  const takesFiles = command.options.some((option) => option.long === '--file');
  if (takesFiles) return `\`${verb.name}\` takes no file name here; write: sluice ${verb.name} -f ${excess}`;
  return `\`${verb.name}\` takes no argument \`${excess}\``;
}
