import { PROFILES } from '../../lab/index.ts';
import { defineClusterFlags } from '../cluster/connect.ts';
import { type CliContext, CliError } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { collect } from '../flags.ts';
import { listExperiments } from '../lab/list-experiments.ts';
import { runLab } from '../lab/run-lab.ts';
import { compare, report, showResults } from '../lab/show-results.ts';
import { OUTPUT_HELP } from '../report-document.ts';
import type { Verb } from '../verb.ts';

type Action = (flags: Record<string, unknown>, named: readonly string[], context: CliContext) => Promise<ExitCode>;

const ACTIONS: Readonly<Record<string, Action>> = {
  list: listExperiments,
  run: runLab,
  show: showResults,
  compare,
  report,
};

export const labVerb: Verb = {
  name: 'lab',
  examples: [
    'sluice lab list',
    'sluice lab run isolation --quick',
    "sluice lab run isolation --cell 'engine.*' --repeat 3 --seed 7",
    'sluice lab run processing-ha --profile cluster --context kind-dev',
    'sluice lab show isolation -o json',
    'sluice lab compare RESULTS NEWER-RESULTS --fail-on worse',
  ],
  words: () => Object.keys(ACTIONS),
  define: (command) =>
    defineClusterFlags(command.argument('<action>', Object.keys(ACTIONS).join(', ')))
      .argument('[name...]', 'a question of `lab list`, or folders of results')
      .option('--experiments <folder>', 'folder of experiments beside those that come with Sluice; repeatable', collect)
      .option('--quick', 'run: the short profile, to see that it works and in which order things come')
      .option('--profile <name>', `run: ${PROFILES.join(', ')}; default full; \`--quick\` is \`--profile quick\``)
      .option('--cell <id>', "run: only this cell, or those of a pattern such as 'engine.*'; repeatable", collect)
      .option('--repeat <n>', 'run: so many runs of each cell; default: what the profile says')
      .option('--seed <n>', 'run: decides the order of the runs and the data; default 1')
      .option('--out <folder>', 'run: where results go; default: results/QUESTION/DATE-MACHINE beside the experiments')
      .option('--resume', 'run: go on with what was begun last, or in --out')
      .option('--otelcol <path>', 'run: the Collector to compare with; default: the one of the testbed, or of the PATH')
      .option('--keep-folders', 'run: leave configurations and logs of each run where they are')
      .option(
        '--fail-on <verdict>',
        'compare: exit 1 when anything is worse, unclear or has problems; repeatable',
        collect,
      )
      .option('--all', 'show, compare: print what is unclear or the same, too')
      .option('-o, --output <format>', OUTPUT_HELP, 'text'),
  async run(flags, [action = '', ...named], context) {
    const chosen = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
    if (chosen !== undefined) return chosen(flags, named, context);
    throw new CliError(EXIT.usage, 'SL0902', `\`lab\` has no action \`${action}\``, [
      `there are:  ${Object.keys(ACTIONS).join(', ')}`,
    ]);
  },
};
