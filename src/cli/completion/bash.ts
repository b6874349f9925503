import type { VerbModel } from './command-model.ts';

/** A script for bash 3.2 and newer: `source <(sluice completion bash)`. */
export function bashCompletion(verbs: readonly VerbModel[]): string {
  const names = [...verbs.map(({ name }) => name), 'help'];
  return `# bash completion of sluice: source <(sluice completion bash)
_sluice() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" verb="\${COMP_WORDS[1]}"
  # \`--format=tr\` comes as three words.
  if [[ "$cur" == "=" ]]; then cur=""; elif [[ "$prev" == "=" ]]; then prev="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then _sluice_words "${names.join(' ')}"; return; fi
  case "$verb $prev" in
${verbs.flatMap(valueCases).join('\n')}
  esac
  if [[ "$cur" == -* ]]; then
    case "$verb" in
${verbs.map(({ name, flags }) => `      ${name}) _sluice_words "${flags.map(({ long }) => long).join(' ')}" ;;`).join('\n')}
    esac
    return
  fi
  ((COMP_CWORD == 2)) || return
  case "$verb" in
${verbs
  .filter(({ words }) => words.length > 0)
  .map(({ name, words }) => `    ${name}) _sluice_words "${words.join(' ')}" ;;`)
  .join('\n')}
    help) _sluice_words "${[...names, 'exit-codes'].join(' ')}" ;;
  esac
}
_sluice_words() {
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
  if [[ \${#COMPREPLY[@]} == 1 && "\${COMPREPLY[0]}" == *= ]]; then compopt -o nospace 2>/dev/null; fi
}
_sluice_files() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -f -- "$cur"))
}
complete -F _sluice sluice
`;
}

function valueCases({ name, flags }: VerbModel): readonly string[] {
  return flags.flatMap(({ long, short, value }) => {
    if (value === undefined) return [];
    const pattern = [long, ...(short === undefined ? [] : [short])].map((flag) => `"${name} ${flag}"`).join('|');
    const answer = {
      words: () => `_sluice_words "${wordList(value)}"; `,
      file: () => '_sluice_files; ',
      text: () => '',
    };
    return [`    ${pattern}) ${answer[value.kind]()}return ;;`];
  });
}

function wordList(value: NonNullable<VerbModel['flags'][number]['value']>): string {
  return value.kind === 'words' ? value.words.join(' ') : '';
}
