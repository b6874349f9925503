import type { CliContext } from './context.ts';
import { EXIT_MEANING } from './exit-code.ts';
import { asCalled } from './program-name.ts';
import type { VerbGroup } from './verb.ts';
import { VERBS } from './verbs.ts';

const GROUPS: readonly VerbGroup[] = ['Run', 'Write and check', 'Kubernetes', 'Try things', 'About'];

/** What `sluice` alone prints: one sentence, examples, the verbs. */
export function overviewText({ program, unicode }: CliContext): string {
  const lines = [
    'Telemetry pipelines as resources, run on this machine or rendered for the OpenTelemetry Collector.',
    '',
    '  $ sluice up                      receive OTLP on 4317 and 4318, look at it on http://localhost:4390',
    '  $ sluice up -f telemetry.yaml    run your own pipelines',
    '  $ sluice gen all --once          send some sample data',
    '',
  ];
  for (const group of GROUPS) {
    const verbs = Object.entries(VERBS).filter(([, entry]) => entry.group === group);
    verbs.forEach(([name, { summary }], i) => {
      lines.push(`${(i === 0 ? group : '').padEnd(17)}${name.padEnd(12)}${summary}`);
    });
  }
  lines.push('', ['More:  sluice help VERB', 'sluice help exit-codes'].join(unicode ? ' · ' : ', '));
  return `${asCalled(lines.join('\n'), program)}\n`;
}

export function exitCodesText(): string {
  return EXIT_MEANING.map(([code, meaning]) => `${String(code).padStart(4)}  ${meaning}\n`).join('');
}
