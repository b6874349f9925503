import { CliError } from '../context.ts';
import type { LetterChoice } from '../deadletter/letters.ts';
import { listLetters } from '../deadletter/list-letters.ts';
import { replayLetters } from '../deadletter/replay-letters.ts';
import { showLetters } from '../deadletter/show-letters.ts';
import { EXIT } from '../exit-code.ts';
import { collect, parseDurationFlag } from '../flags.ts';
import { parseCountFlag } from '../load/load-flags.ts';
import { OUTPUT_HELP, parseOutputFlag } from '../report-document.ts';
import type { Verb } from '../verb.ts';

const ACTIONS = ['list', 'show', 'replay'] as const;
const TIMEOUT_MS = 30_000;

export const deadletterVerb: Verb = {
  name: 'deadletter',
  examples: [
    'sluice deadletter list',
    'sluice deadletter show tracepipeline/checkout',
    'sluice deadletter replay checkout --otlp-endpoint backend:4317',
    'sluice deadletter replay --directory /var/lib/sluice/dead-letters --dry-run',
  ],
  words: () => ACTIONS,
  define: (command) =>
    command
      .argument('<action>', 'list, show or replay')
      .argument('[pipeline]', 'only of this pipeline or exporter')
      .option('--directory <dir>', 'where dead letters are, or a folder above; default: that of sluice up')
      .option('--id <id>', 'only this letter, such as 3.22')
      .option('--count <n>', 'no more letters than this, oldest first; default: 1 for show, all for replay')
      .option('--full', 'show: the whole request, however long')
      .option('--dry-run', 'replay: say what would be sent, and send nothing')
      .option('--otlp-endpoint <host:port>', 'replay: default: the local engine, or localhost:4317')
      .option('--otlp-http', 'replay: send over HTTP')
      .option('--otlp-header <key=value>', 'replay: header of every request; repeatable', collect)
      .option('--timeout <duration>', 'replay: how long to try one letter that is not taken yet', '30s')
      .option('-o, --output <format>', OUTPUT_HELP, 'text'),
  async run(given, [action, pipeline], context) {
    const flags = { ...given, output: parseOutputFlag(given['output']) };
    const choice: LetterChoice = { pipeline, id: parseId(given['id']) };
    const count = parseCountFlag('--count', given['count']);
    switch (ACTIONS.find((one) => one === action)) {
      case 'list':
        return listLetters(choice, flags, context);
      case 'show':
        return showLetters(choice, { flags, count: count ?? 1, full: given['full'] === true }, context);
      case 'replay': {
        const timeoutMs = parseDurationFlag('--timeout', given['timeout']) ?? TIMEOUT_MS;
        const dryRun = given['dryRun'] === true;
        return replayLetters(choice, { flags, count: count ?? Number.POSITIVE_INFINITY, dryRun, timeoutMs }, context);
      }
      default:
        throw new CliError(EXIT.usage, 'SL0902', `\`deadletter\` has no action \`${action}\``, [
          `there are:  ${ACTIONS.join(', ')}`,
        ]);
    }
  },
};

function parseId(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (/^\d+\.\d+$/.test(String(value))) return String(value);
  throw new CliError(EXIT.usage, 'SL0903', `--id takes the id of a letter such as 3.22, got \`${String(value)}\``);
}
