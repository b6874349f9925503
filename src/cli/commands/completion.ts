import { bashCompletion } from '../completion/bash.ts';
import { verbModel } from '../completion/command-model.ts';
import { fishCompletion } from '../completion/fish.ts';
import { zshCompletion } from '../completion/zsh.ts';
import { EXIT } from '../exit-code.ts';
import { parseChoiceFlag } from '../flags.ts';
import type { Verb, VerbEntry } from '../verb.ts';

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;
const SHELLS = Object.keys(SCRIPTS) as (keyof typeof SCRIPTS)[];

/** Completes the verbs given. */
export const completionVerb = (verbs: Readonly<Record<string, VerbEntry>>): Verb => ({
  name: 'completion',
  examples: ['source <(sluice completion bash)', 'source <(sluice completion zsh)', 'sluice completion fish | source'],
  words: () => SHELLS,
  define: (command) => command.argument('<shell>', 'bash, zsh or fish'),
  async run(_flags, args, context) {
    const shell = parseChoiceFlag('completion', args[0], SHELLS);
    const models = await Promise.all(
      Object.values(verbs).map(async ({ load, summary }) => verbModel(await load(), summary)),
    );
    context.stdout.write(SCRIPTS[shell](models));
    return EXIT.ok;
  },
});
