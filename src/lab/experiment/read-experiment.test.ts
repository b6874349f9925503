import { describe, expect, it } from 'vitest';
import { EXPERIMENT_TEXT, exampleExperiment } from '../../../test/testkit/experiment.ts';
import { renderHuman } from '../../diagnostics/index.ts';
import { readExperiment } from './read-experiment.ts';

const FILE = 'experiments/isolation/experiment.yaml';

/** What is said of the example after one edit. */
function issuesOf(from: string | RegExp, to: string, folder = 'isolation') {
  const text = EXPERIMENT_TEXT.replace(from, to);
  expect(text).not.toBe(EXPERIMENT_TEXT);
  return { text, ...readExperiment({ file: FILE, text }, folder) };
}

describe('an experiment', () => {
  it('is read with what is not written filled in', () => {
    const experiment = exampleExperiment();
    expect(experiment.axes).toEqual({
      runner: ['engine', 'otelcol'],
      topology: ['Shared', 'PerSignal'],
      settings: ['sluice'],
      scenario: ['none', 'dead'],
      load: ['spans'],
      replicas: [1],
      memory: ['512Mi'],
      queue: ['default'],
      place: ['processes'],
    });
    expect(experiment.scenarios['dead']?.backends[0]).toEqual({ name: 'healthy', signal: 'traces', mode: 'accept' });
    expect(experiment.scenarios['dead']?.faults[0]).toEqual({
      kind: 'backend',
      target: 'other',
      mode: '503',
      after: { share: 0.5 },
    });
    expect(experiment.profiles.full).toEqual({
      warmUpMs: 5000,
      durationMs: 60_000,
      repetitions: 3,
      overheadMs: 5000,
      cells: [],
    });
    expect(experiment.figures[1]?.tolerance).toBe(0);
  });

  it('has what was promised, in numbers or by the memory of the cell', () => {
    const promised = `criteria:
  - {title: room, figure: rss_peak_mib, atMost: memory, cells: [{runner: [engine]}]}
  - {title: isolation, figure: goodput_percent, atLeast: 0.99, of: {scenario: none}}
needs: [otelcol]`;
    const text = EXPERIMENT_TEXT.replace('needs: [otelcol]', promised);
    const { experiment, issues } = readExperiment({ file: FILE, text }, 'isolation');
    expect(issues).toEqual([]);
    expect(experiment?.criteria).toEqual([
      { title: 'room', figure: 'rss_peak_mib', atMost: 'memory', cells: [{ runner: ['engine'] }] },
      { title: 'isolation', figure: 'goodput_percent', atLeast: 0.99, of: { scenario: 'none' }, cells: [] },
    ]);
  });

  it('shows the place of a mistake', () => {
    const { issues, text } = issuesOf('scenario: [none, dead]', 'scenario: [none, ded]');
    const options = { sources: [{ file: FILE, text }], color: false, unicode: false, columns: 100 };
    expect(renderHuman(issues, options)).toContain(
      [
        'error[SL0802]: `axes.scenario[1]` names `ded`, which `scenarios` does not define',
        ` --> ${FILE}:8:20`,
        '  |',
        '8 |   scenario: [none, ded]',
        '  |                    ^^^',
      ].join('\n'),
    );
    expect(issues[0]?.help).toBe('did you mean `dead`?');
  });

  it.each([
    ['a field that does not exist', 'why:', 'reason:', 'SL0101', 'unknown field `reason`'],
    ['a part that is missing', /hypothesis: .*\n/, '', 'SL0102', '`hypothesis` is required'],
    [
      'a word that an axis does not take',
      '[engine, otelcol]',
      '[engine, vector]',
      'SL0104',
      "one of 'engine', 'otelcol'",
    ],
    ['a value named twice', '[none, dead]', '[none, none]', 'SL0801', 'names `none` a second time'],
    ['a load that is not defined', 'load: [spans]', 'load: [logs]', 'SL0802', 'names `logs`, which `loads` does not'],
    ['a shape that does not exist', 'shape: t40-100', 'shape: t4-100', 'SL0802', 'is no shape of `sluice gen`'],
    ['a shape without the signal', 'shape: t40-100', 'shape: logs-100', 'SL0801', 'has no traces; it has logs'],
    ['a mode that no backend has', 'mode: 503', 'mode: 599', 'SL0801', 'is no mode of a backend, got `599`'],
    ['a fault without its mode', ', mode: 503', '', 'SL0801', 'needs a `mode`'],
    ['a mode of another fault', 'kind: backend', 'kind: kill', 'SL0801', 'is for faults of kind `backend` alone'],
    ['a target that does not exist', 'target: other', 'target: oter', 'SL0802', 'is no backend of this scenario'],
    ['a fault after the end', 'after: 50%', 'after: 20s', 'SL0801', 'lies behind the end of profile `quick`'],
    ['a share behind the end', 'after: 50%', 'after: 100%', 'SL0801', 'must lie within the measurement'],
    ['a moment of no form', 'after: 50%', 'after: later', 'SL0105', 'is not written as it must be'],
    [
      'settings that no runner has',
      '  load: [spans]',
      '  load: [spans]\n  settings: [slice]',
      'SL0802',
      'names `slice`, which are no settings of a runner',
    ],
    [
      'an exclusion of nothing',
      'exclude:\n  - {runner: otelcol, topology: PerSignal}',
      'exclude:\n  - {}',
      'SL0801',
      'would leave out every cell',
    ],
    [
      'an exclusion that fits nothing',
      'topology: PerSignal}',
      'topology: PerPipeline}',
      'SL0802',
      'which the axis `topology` does not have',
    ],
    [
      'a baseline off its axis',
      'baseline: otelcol',
      'baseline: upstream',
      'SL0802',
      'which the axis `runner` does not have',
    ],
    [
      'a figure named twice',
      'name: rss_peak_mib',
      'name: goodput_percent',
      'SL0801',
      'names `goodput_percent` a second time',
    ],
    ['a name that no command takes', 'none, dead]', '"No one", dead]', 'SL0105', 'is not written as it must be'],
    [
      'a promise about no figure',
      'needs: [otelcol]',
      'criteria: [{title: a, figure: goodput, atLeast: 1}]',
      'SL0802',
      'names `goodput`, which `figures` does not define',
    ],
    [
      'a promise of nothing',
      'needs: [otelcol]',
      'criteria: [{title: a, figure: goodput_percent}]',
      'SL0801',
      'needs one of `atLeast` and `atMost`',
    ],
    [
      'a promise beside no cell',
      'needs: [otelcol]',
      'criteria: [{title: a, figure: goodput_percent, atLeast: 1, of: {scenario: healthy}}]',
      'SL0802',
      'which the axis `scenario` does not have',
    ],
    ['a measurement of no length', 'duration: 10s', 'duration: 0s', 'SL0801', 'must be longer than 0'],
  ])('with %s is refused, at its place', (_, from, to, code, message) => {
    const { issues, experiment } = issuesOf(from, to);
    expect(experiment).toBeUndefined();
    const issue = issues.find((one) => one.code === code && one.message.includes(message));
    expect(issue, JSON.stringify(issues)).toBeDefined();
    expect(issue?.span?.file).toBe(FILE);
  });

  it('is called like its folder', () => {
    const { issues } = readExperiment({ file: FILE, text: EXPERIMENT_TEXT }, 'interference');
    expect(issues[0]?.message).toBe('`question` must be called like its folder, `interference`');
  });

  it('is one document', () => {
    const one = readExperiment({ file: FILE, text: '' }, 'isolation');
    const two = readExperiment({ file: FILE, text: `${EXPERIMENT_TEXT}---\nquestion: two\n` }, 'isolation');
    expect([one, two].map(({ issues }) => issues[0]?.message)).toEqual([
      'the file is empty; an experiment is one document',
      'the file holds more than one document; an experiment is one document',
    ]);
  });
});
