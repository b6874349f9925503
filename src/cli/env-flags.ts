import { Command, type Option } from 'commander';
import type { CliContext } from './context.ts';

/** Words that mean other things to other verbs (`--for 60s`, `--for engine`) are left out of the environment. */
const NOT_FROM_ENV = new Set(['--for', '--help']);

const OFF = new Set(['0', 'false', 'no']);

/** A commander Command whose options may also stand in the environment: `--max-memory` as SLUICE_MAX_MEMORY. */
export class EnvCommand extends Command {
  readonly #env: CliContext['env'];

  constructor(name: string, env: CliContext['env']) {
    super(name);
    this.#env = env;
  }

  /** The options that this call took from the environment. */
  get flagsFromEnv(): readonly { readonly flag: string; readonly variable: string }[] {
    return this.options
      .filter((option) => this.getOptionValueSource(option.attributeName()) === 'env')
      .map((option) => ({ flag: option.long ?? '', variable: option.envVar ?? '' }));
  }

  override createOption(flags: string, description?: string): Option {
    const option = super.createOption(flags, description);
    const variable = envName(option);
    return isSet(option, this.#env[variable]) ? option.env(variable) : option;
  }
}

function envName(option: Option): string {
  return `SLUICE_${(option.long ?? '').replace(/^--/, '').replaceAll('-', '_').toUpperCase()}`;
}

/** An empty value sets nothing, and `0` switches nothing on. */
function isSet(option: Option, value: string | undefined): boolean {
  if (value === undefined || value === '' || NOT_FROM_ENV.has(option.long ?? '')) return false;
  return option.required || !OFF.has(value.toLowerCase());
}
