import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleExperiment } from '../../../test/testkit/experiment.ts';
import { allCells, cellsOf } from './cells.ts';
import { AXES, type Coordinates, type Experiment } from './experiment.ts';
import { runPlan } from './run-plan.ts';

const experiment = exampleExperiment();

describe('the cells of an experiment', () => {
  it('are the matrix without what is excluded, and what is included', () => {
    expect(allCells(experiment).map(({ id }) => id)).toEqual([
      'engine.shared.none.x1',
      'engine.shared.dead.x1',
      'engine.per-signal.none.x1',
      'engine.per-signal.dead.x1',
      'otelcol.shared.none.x1',
      'otelcol.shared.dead.x1',
      'engine.shared.dead.x2',
    ]);
  });

  it('of a profile are those that match one of its patterns', () => {
    expect(cellsOf(experiment, 'full')).toEqual(allCells(experiment));
    expect(cellsOf(experiment, 'quick').map(({ id }) => id)).toEqual([
      'engine.shared.none.x1',
      'engine.shared.dead.x1',
      'otelcol.shared.none.x1',
      'otelcol.shared.dead.x1',
      'engine.shared.dead.x2',
    ]);
  });

  it('have one name each, fit for a file and a command, whatever the axes', () => {
    const subset = <T>(values: readonly T[]) => fc.subarray([...values], { minLength: 1 });
    const axes = fc.record({
      runner: subset(['engine', 'otelcol'] as const),
      topology: subset(['Shared', 'PerSignal', 'PerPipeline'] as const),
      settings: subset(['sluice', 'upstream']),
      scenario: subset(['none', 'dead']),
      load: fc.constant(['spans']),
      replicas: subset([1, 2, 16]),
      memory: subset(['512Mi', '1.5Gi', '15Gi']),
      queue: subset(['default', '16Mi']),
      place: subset(['processes', 'cluster'] as const),
    });
    fc.assert(
      fc.property(axes, (own) => {
        const cells = allCells({ ...experiment, axes: own, include: [], exclude: [] } as Experiment);
        expect(cells).toHaveLength(AXES.reduce((product, axis) => product * own[axis].length, 1));
        expect(new Set(cells.map(({ id }) => id)).size).toBe(cells.length);
        for (const { id } of cells) expect(id).toMatch(/^[a-z0-9.-]+$/);
      }),
    );
  });

  it('are those of the profile, and none of one that there is not', () => {
    expect(cellsOf(experiment, 'quick')).not.toEqual([]);
    expect(cellsOf(experiment, 'cluster')).toEqual([]);
  });

  it('are there once, though included a second time', () => {
    const { coordinates } = allCells(experiment)[0]!;
    const twice = { ...experiment, include: [coordinates, coordinates] as readonly Coordinates[] };
    expect(allCells(twice)).toHaveLength(6);
  });
});

describe('the plan of a run', () => {
  const dead = allCells(experiment)[1]!;

  it('has everything that a runner needs, with moments of faults in the measurement of its profile', () => {
    const plan = runPlan(experiment, dead, experiment.profiles.quick, 7);
    expect(plan).toEqual({
      runner: 'engine',
      topology: 'Shared',
      settings: 'sluice',
      replicas: 1,
      memoryBytes: 512 * 2 ** 20,
      backends: [
        { name: 'healthy', signal: 'traces', mode: 'accept' },
        { name: 'other', signal: 'traces', mode: 'accept' },
      ],
      load: [{ signal: 'traces', shape: 't40-100', itemsPerRequest: 100, itemsPerSecond: 10_000 }],
      faults: [{ afterMs: 5000, kind: 'backend', target: 'other', mode: '503' }],
      warmUpMs: 1000,
      durationMs: 10_000,
      seed: 7,
    });
    expect(runPlan(experiment, dead, experiment.profiles.full, 7).faults[0]?.afterMs).toBe(30_000);
  });
});
