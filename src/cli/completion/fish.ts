import type { FlagModel, VerbModel } from './command-model.ts';

/** A script for fish: `sluice completion fish | source`. */
export function fishCompletion(verbs: readonly VerbModel[]): string {
  const lines = [
    '# fish completion of sluice: sluice completion fish | source',
    'complete -c sluice -f',
    ...verbs.map(({ name, summary }) => `complete -c sluice -n __fish_use_subcommand -a ${name} -d ${quote(summary)}`),
    "complete -c sluice -n __fish_use_subcommand -a help -d 'help of a verb'",
    `complete -c sluice -n '__fish_seen_subcommand_from help' -a '${[...verbs.map(({ name }) => name), 'exit-codes'].join(' ')}'`,
    ...verbs.flatMap(verbLines),
  ];
  return `${lines.join('\n')}\n`;
}

function verbLines({ name, flags, words }: VerbModel): readonly string[] {
  const at = `complete -c sluice -n '__fish_seen_subcommand_from ${name}'`;
  return [
    ...(words.length === 0 ? [] : [`${at} -a '${words.join(' ')}'`]),
    ...flags.map((flag) => `${at} ${flagWords(flag)} -d ${quote(flag.description)}`),
  ];
}

function flagWords({ long, short, value }: FlagModel): string {
  const names = `${short === undefined ? '' : `-s ${short.slice(1)} `}-l ${long.slice(2)}`;
  switch (value?.kind) {
    case 'words':
      return `${names} -x -a '${value.words.join(' ')}'`;
    case 'file':
      return `${names} -r -F`;
    case 'text':
      return `${names} -x`;
    case undefined:
      return names;
  }
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, (char) => `\\${char}`).replace(/\s+/g, ' ')}'`;
}
