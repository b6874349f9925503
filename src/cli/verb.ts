import { Command, CommanderError } from 'commander';
import { suggest } from '../diagnostics/index.ts';
import { type CliContext, CliError } from './context.ts';
import { EXIT, type ExitCode } from './exit-code.ts';

/**
 * One verb of the command line. `define` adds arguments and options to a fresh commander Command, `run` does the work and
 * answers with the exit code. A verb throws CliError for what people can mend; anything else it throws is a bug.
 */
export interface Verb {
  readonly name: string;
  /** One line for the list of verbs. */
  readonly summary: string;
  /** Shown at the top of the help, before the options. */
  readonly examples: readonly string[];
  define(command: Command): Command;
  /** `flags` are commander's camelCased options, `args` the positional arguments. */
  run(flags: Record<string, unknown>, args: readonly string[], context: CliContext): Promise<ExitCode>;
}

/** Parses `argv` (without the verb) and runs the verb. Usage mistakes become SL0902 and SL0903 with exit code 2. */
export async function runVerb(verb: Verb, argv: readonly string[], context: CliContext): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const command = verb
    .define(new Command(`sluice ${verb.name}`))
    .description(verb.summary)
    .helpOption('-h, --help', 'show this help')
    .exitOverride()
    .configureOutput({ writeOut: (text) => context.stdout.write(text), writeErr: () => {} })
    .addHelpText('before', `${verb.examples.map((line) => `  $ ${line}`).join('\n')}\n`)
    .action(async (...actionArgs: unknown[]) => {
      const self = actionArgs.at(-1) as Command;
      code = await verb.run(self.opts(), self.args, context);
    });
  try {
    await command.parseAsync(argv as string[], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT.ok;
    throw usageError(verb, command, error);
  }
  return code;
}

function usageError(verb: Verb, command: Command, error: CommanderError): CliError {
  const hints = [`see:  sluice ${verb.name} --help`];
  if (error.code === 'commander.unknownOption') {
    const flag = /'([^']+)'/.exec(error.message)?.[1] ?? '';
    const near = suggest(
      flag,
      command.options.map((option) => option.long ?? option.short ?? ''),
    );
    return new CliError(
      EXIT.usage,
      'SL0903',
      `\`${verb.name}\` has no option \`${flag}\`${near ? `; did you mean \`${near}\`?` : ''}`,
      hints,
    );
  }
  if (error.code === 'commander.excessArguments') {
    const takesFiles = command.options.some((option) => option.long === '--file');
    const first = command.args[0] ?? '';
    const message = takesFiles
      ? `\`${verb.name}\` takes no file name here; write: sluice ${verb.name} -f ${first}`
      : `\`${verb.name}\` takes no argument \`${first}\``;
    return new CliError(EXIT.usage, 'SL0902', message, hints);
  }
  return new CliError(EXIT.usage, 'SL0903', error.message.replace(/^error: /, ''), hints);
}
