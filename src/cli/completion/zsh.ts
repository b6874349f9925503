import type { FlagModel, VerbModel } from './command-model.ts';

/** A script for zsh: a file \`_sluice\` in a folder of $fpath, or \`source <(sluice completion zsh)\` after compinit. */
export function zshCompletion(verbs: readonly VerbModel[]): string {
  return `#compdef sluice
# zsh completion of sluice: source <(sluice completion zsh), after compinit
_sluice() {
  local verb="\${words[2]}" prev="\${words[CURRENT-1]}"
  local -a offered
  if ((CURRENT == 2)); then
    offered=(${verbs.map(({ name, summary }) => described(name, summary)).join(' ')} ${described('help', 'help of a verb')})
    _describe 'verb' offered
    return
  fi
  case "$verb $prev" in
${verbs.flatMap(valueCases).join('\n')}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then
    case "$verb" in
${verbs.map((verb) => `      ${verb.name}) offered=(${flagList(verb)}) ;;`).join('\n')}
    esac
    _describe 'option' offered
    return
  fi
  ((CURRENT == 3)) || return
  case "$verb" in
${verbs
  .filter(({ words }) => words.length > 0)
  .map(({ name, words }) => `    ${name}) compadd -- ${words.join(' ')} ;;`)
  .join('\n')}
    help) compadd -- ${[...verbs.map(({ name }) => name), 'exit-codes'].join(' ')} ;;
  esac
}
if [[ "\${funcstack[1]}" == _sluice ]]; then _sluice "$@"; else compdef _sluice sluice; fi
`;
}

function valueCases({ name, flags }: VerbModel): readonly string[] {
  return flags.flatMap(({ long, short, value }) => {
    if (value === undefined) return [];
    const pattern = [long, ...(short === undefined ? [] : [short])].map((flag) => `"${name} ${flag}"`).join('|');
    return [`    ${pattern}) ${answer(value)}return ;;`];
  });
}

function answer(value: NonNullable<FlagModel['value']>): string {
  switch (value.kind) {
    case 'words':
      return `compadd -- ${value.words.join(' ')}; `;
    case 'file':
      return '_files; ';
    case 'text':
      return '';
  }
}

function flagList({ flags }: VerbModel): string {
  return flags.map(({ long, description }) => described(long, description)).join(' ');
}

/** `'--file:a file'`: a colon ends the word, a quote the text. */
function described(word: string, text: string): string {
  return `'${word}:${text.replaceAll("'", "'\\''").replace(/\s+/g, ' ')}'`;
}
