import { EXIT } from '../exit-code.ts';
import type { Verb } from '../verb.ts';

export const versionVerb: Verb = {
  name: 'version',
  summary: 'print versions',
  examples: ['sluice version', 'sluice version -o json'],
  define: (command) => command.option('-o, --output <format>', 'text or json', 'text'),
  async run(flags, _args, context) {
    const versions = {
      sluice: context.version,
      node: process.versions.node,
      platform: `${process.platform}-${process.arch}`,
    };
    context.stdout.write(
      flags['output'] === 'json'
        ? `${JSON.stringify(versions)}\n`
        : `sluice ${versions.sluice} · node ${versions.node} · ${versions.platform}\n`,
    );
    return EXIT.ok;
  },
};
