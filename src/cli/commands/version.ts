import { EXIT } from '../exit-code.ts';
import { formatDocument, OUTPUT_HELP, parseOutputFlag, reportDocument } from '../report-document.ts';
import type { Verb } from '../verb.ts';

export const versionVerb: Verb = {
  name: 'version',
  examples: ['sluice version', 'sluice version -o json'],
  define: (command) => command.option('-o, --output <format>', OUTPUT_HELP, 'text'),
  async run(flags, _args, context) {
    const format = parseOutputFlag(flags['output']);
    const versions = {
      sluice: context.version,
      node: process.versions.node,
      platform: `${process.platform}-${process.arch}`,
    };
    const dot = context.unicode ? '·' : '-';
    context.stdout.write(
      format === 'text'
        ? `sluice ${versions.sluice} ${dot} node ${versions.node} ${dot} ${versions.platform}\n`
        : formatDocument(
            reportDocument({ kind: 'VersionReport', target: 'client', summary: versions, items: [] }, context),
            format,
          ),
    );
    return EXIT.ok;
  },
};
