import { Command, type Option } from 'commander';
import { defineGlobalFlags } from '../global-flags.ts';
import type { Verb } from '../verb.ts';

/** The command line as a completion script needs it: words, without the code behind them. */
export interface VerbModel {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly FlagModel[];
  /** What the first argument may be, where that is known. */
  readonly words: readonly string[];
}

export interface FlagModel {
  /** `--file` */
  readonly long: string;
  /** `-f` */
  readonly short?: string;
  readonly description: string;
  /** Absent: the flag stands alone. */
  readonly value?: ValueModel;
}

export type ValueModel =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'file' }
  | { readonly kind: 'text' };

export function verbModel(verb: Verb, summary: string): VerbModel {
  const command = defineGlobalFlags(verb.define(new Command(verb.name)));
  const help: FlagModel = { long: '--help', short: '-h', description: 'show the help of the verb' };
  return { name: verb.name, summary, flags: [...command.options.map(flagModel), help], words: verb.words?.() ?? [] };
}

function flagModel(option: Option): FlagModel {
  const { short, description } = option;
  const value = valueModel(option);
  return {
    long: option.long!,
    ...(short === undefined ? {} : { short }),
    description,
    ...(value === undefined ? {} : { value }),
  };
}

function valueModel({ flags, description }: Option): ValueModel | undefined {
  const placeholder = /[<[]([^>\]]+)[>\]]$/.exec(flags)?.[1];
  if (placeholder === undefined) return undefined;
  if (['path', 'file', 'dir'].includes(placeholder)) return { kind: 'file' };
  const words = wordsOf(description);
  return words.length === 0 ? { kind: 'text' } : { kind: 'words', words };
}

/**
 * The values of a flag as its help lists them: `tree, dot or svg (a picture); default: tree` → tree, dot, svg. A description that
 * is a sentence has none. `otlp=URL` becomes `otlp=`, the part that can be typed ahead.
 */
export function wordsOf(description: string): readonly string[] {
  const [list = ''] = description.replace(/\s*\([^)]*\)/g, '').split(/;|: /);
  const words = list.split(/,?\s+or\s+|,\s*/).map((word) => word.trim().replace(/=[A-Z]+$/, '='));
  const isList = words.length > 1 && words.every((word) => /^[a-z][\w-]*=?$/i.test(word));
  return isList ? words : [];
}
