import { CODES, codeEntry, suggest } from '../../diagnostics/index.ts';
import { CliError } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import type { Verb } from '../verb.ts';

export const explainVerb: Verb = {
  name: 'explain',
  examples: ['sluice explain SL0101', 'sluice explain            lists all codes'],
  define: (command) => command.argument('[code]', 'such as SL0101'),
  async run(_flags, [name], context) {
    if (name === undefined) {
      for (const entry of CODES) context.stdout.write(`${entry.code}  ${entry.title}\n`);
      return EXIT.ok;
    }
    const entry = codeEntry(name.toUpperCase());
    if (entry === undefined) {
      const near = suggest(
        name.toUpperCase(),
        CODES.map(({ code }) => code),
      );
      throw new CliError(EXIT.usage, 'SL0905', `no code \`${name}\`${near ? `; did you mean \`${near}\`?` : ''}`, [
        'all codes:  sluice explain',
      ]);
    }
    const parts = [
      `${entry.severity}[${entry.code}]: ${entry.title}`,
      '',
      entry.explanation,
      '',
      'Example',
      indent(entry.example),
      'Fix',
      indent(entry.fix),
    ];
    context.stdout.write(`${parts.join('\n')}\n`);
    return EXIT.ok;
  },
};

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n');
}
