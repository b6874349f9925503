import { describe, expect, it } from 'vitest';
import { CODES, CONCEPTS, REASONS } from '../../diagnostics/index.ts';
import { VERBS } from '../verbs.ts';
import { fieldPaths } from './field.ts';
import { findTopic, topicProblem } from './topic.ts';
import { topicText } from './topic-text.ts';

const text = (word: string, columns?: number) => topicText(findTopic(word)!, columns);

describe('what sluice explain knows', () => {
  it('has a text for every code, reason, concept and field, within the width asked', () => {
    const words = [
      ...CODES.map(({ code }) => code),
      ...REASONS.map(({ reason }) => reason),
      ...CONCEPTS.map(({ name }) => name),
      ...fieldPaths(),
      ...['tp', 'MetricPipeline', 'logpipelines', 'telemetry.spec.topology.type', 'logparser'],
    ];
    expect(words.length).toBeGreaterThan(200);
    for (const word of words) expect(text(word), word).toMatch(/^\S.+\n/);
  });

  it('names only verbs that exist', () => {
    const all = [
      ...CODES.map(({ code }) => code),
      ...REASONS.map(({ reason }) => reason),
      ...CONCEPTS.map(({ name }) => name),
    ];
    for (const word of all) {
      for (const [, verb] of text(word).matchAll(/(?<![\w./-])sluice ([a-z]+)(?= |$|\)|;|,)/gm)) {
        if (verb !== 'statsu') expect([...Object.keys(VERBS), 'help'], word).toContain(verb);
      }
    }
  });

  it.each([
    ['pipeline', 'pipeline'],
    ['router', 'topology'],
    ['Gateway', 'topology'],
    ['unaccounted', 'ledger'],
    ['secret', 'secrets'],
    ['buffer', 'queue'],
  ])('explains %s under %s', (word, name) => {
    expect(findTopic(word)).toMatchObject({ kind: 'concept', entry: { name } });
  });

  it('shows a reason with causes and where to look', () => {
    expect(text('nodatayet')).toMatch(/^Reason on condition TelemetryFlowHealthy = Unknown\nMeans/);
    expect(text('bufferfillingup')).toMatch(
      /^Reason of a running engine, Ready = False\nMeans {3}[\s\S]*\nCauses {2}1 /,
    );
    expect(text('GatewayAllTelemetryDataDropped')).toMatch(/^Reason on condition TelemetryFlowHealthy = False\n/);
    for (const line of text('GatewayAllTelemetryDataDropped', 60)
      .split('\n')
      .filter((one) => !one.includes('  kubectl'))) {
      if (!/sluice|kubectl/.test(line)) expect(line.length).toBeLessThanOrEqual(60);
    }
  });

  it('shows a field with type, default and children', () => {
    expect(text('tp.spec.output.otlp.protocol')).toMatch(
      /^TracePipeline\.spec\.output\.otlp\.protocol {2}\(telemetry\.kyma-project\.io\/v1beta1\)\n/,
    );
    expect(text('tp.spec.output.otlp.protocol')).toMatch(/\nType {8}string\nDefault {5}grpc\nAllowed {5}grpc, http\n/);
    expect(text('lp.spec.output.otlp.headers[0].name')).toContain('Required    yes');
    expect(text('mp.spec.delivery.buffer')).toMatch(/Extension {3}of Sluice[\s\S]*\nFields\n[\s\S]*maxSize/);
  });

  it('keeps the lines of an example below each other', () => {
    expect(text('lp.spec.filters.custom')).toContain('\nExample     Name grep\n            Regex log error\n');
  });

  it('says under a field what must hold for it', () => {
    expect(text('tp.spec.output')).toContain(
      "\nExactly one output out of 'otlp', 'stdout' or 'file' must be defined.\n",
    );
    expect(text('tp.spec.output.file.rotation.maxBackups')).toContain('\nFrom 1 to 10000.\n');
    expect(text('tp.spec.output.otlp.protocol')).not.toContain('must');
  });

  it('explains what only the older version has', () => {
    expect(text('lp.spec.input.application')).toContain('telemetry.kyma-project.io/v1alpha1');
  });

  it.each([
    ['SL9999', 'no code `SL9999`'],
    ['SL0110x', 'no code `SL0110x`; did you mean `SL0110`?'],
    ['tp.spec.outptu', '`TracePipeline.spec` has no field `outptu`; did you mean `tp.spec.output`?'],
    ['tq.spec', 'no kind `tq`; did you mean `tp`?'],
    ['queu', 'nothing is called `queu`; did you mean `queue`?'],
    ['NoDatayeti', 'nothing is called `NoDatayeti`; did you mean `NoDataYet`?'],
    ['xyzzyxyzzy', 'nothing is called `xyzzyxyzzy`'],
  ])('says about %s: %s', (word, problem) => {
    expect(findTopic(word)).toBeUndefined();
    expect(topicProblem(word)).toBe(problem);
  });
});
