import { suggest } from '../diagnostics/index.ts';
import type { FlowPipelineRef } from '../flow/index.ts';
import { CliError } from './context.ts';
import { EXIT } from './exit-code.ts';

const KIND_OF_WORD: Readonly<Record<string, FlowPipelineRef['kind']>> = {
  tp: 'TracePipeline',
  tracepipeline: 'TracePipeline',
  tracepipelines: 'TracePipeline',
  mp: 'MetricPipeline',
  metricpipeline: 'MetricPipeline',
  metricpipelines: 'MetricPipeline',
  lp: 'LogPipeline',
  logpipeline: 'LogPipeline',
  logpipelines: 'LogPipeline',
};

/** `tp/jaeger`, `TracePipeline/jaeger` → kind and name. */
export function parsePipeline(text: string): FlowPipelineRef {
  const [word = '', name = '', ...rest] = text.split('/');
  const kind = KIND_OF_WORD[word.toLowerCase()];
  if (kind === undefined || name === '' || rest.length > 0) {
    const near = suggest(word.toLowerCase(), Object.keys(KIND_OF_WORD));
    const meant = kind === undefined && near !== undefined ? `; did you mean \`${near}/${name || 'NAME'}\`?` : '';
    throw new CliError(EXIT.usage, 'SL0903', `\`${text}\` is no pipeline${meant}`, [
      'write KIND/NAME:  tp/NAME, mp/NAME or lp/NAME',
    ]);
  }
  return { kind, name };
}

/** Throws SL0404 when none of them is there. */
export function findPipeline(wanted: FlowPipelineRef, known: readonly FlowPipelineRef[], where: string): void {
  if (known.some(({ kind, name }) => kind === wanted.kind && name === wanted.name)) return;
  const names = known.filter(({ kind }) => kind === wanted.kind).map(({ name }) => name);
  const there = names.length === 0 ? 'there are none' : `there are: ${names.join(', ')}`;
  throw new CliError(EXIT.usage, 'SL0404', `no ${wanted.kind} \`${wanted.name}\` ${where}; ${there}`);
}
