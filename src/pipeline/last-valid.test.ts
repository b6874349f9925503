import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FoundResource, lastValid, type Reading, type RunningResource } from './last-valid.ts';

const pipeline = (name: string, version?: string, file = 'a.yaml'): FoundResource<string> => ({
  kind: 'TracePipeline',
  name,
  file,
  ...(version === undefined ? {} : { version }),
});
const reading = (found: readonly FoundResource<string>[], unreadable: readonly string[] = []): Reading<string> => ({
  found,
  unreadable: new Set(unreadable),
});
const runAfter = (...readings: readonly Reading<string>[]) =>
  readings.reduce<readonly RunningResource<string>[]>((before, next) => lastValid(before, next), []);
const shown = (running: readonly RunningResource<string>[]) =>
  running.map(({ name, version, runs }) => `${name} ${version} ${runs}`);

describe('the last valid version', () => {
  it('of a resource with an error keeps running; what was never valid does not', () => {
    const first = reading([pipeline('demo', '1'), pipeline('never')]);
    expect(shown(runAfter(first))).toEqual(['demo 1 current']);
    expect(shown(runAfter(first, reading([pipeline('demo'), pipeline('never')])))).toEqual(['demo 1 previous']);
    expect(shown(runAfter(first, reading([pipeline('demo')]), reading([pipeline('demo', '2')])))).toEqual([
      'demo 2 current',
    ]);
  });

  it('of everything in a file that cannot be read stays', () => {
    const first = reading([pipeline('a', '1'), pipeline('b', '1'), pipeline('c', '1', 'other.yaml')]);
    const broken = reading([pipeline('a', '2'), pipeline('c', '2', 'other.yaml')], ['a.yaml']);
    expect(shown(runAfter(first, broken))).toEqual(['a 2 current', 'c 2 current', 'b 1 previous']);
  });

  it('of what is gone from a readable file, or with its file, is removed', () => {
    const first = reading([pipeline('a', '1'), pipeline('b', '1'), pipeline('c', '1', 'other.yaml')]);
    expect(shown(runAfter(first, reading([pipeline('a', '1')])))).toEqual(['a 1 current']);
  });

  it('runs under its old name no longer once it is renamed', () => {
    expect(shown(runAfter(reading([pipeline('old', '1')]), reading([pipeline('new', '1')])))).toEqual([
      'new 1 current',
    ]);
    expect(runAfter(reading([pipeline('old', '1')]), reading([pipeline('new')]))).toEqual([]);
  });

  it('follows a resource to another file', () => {
    const moved = reading([pipeline('a', undefined, 'b.yaml')]);
    expect(shown(runAfter(reading([pipeline('a', '1')]), moved))).toEqual(['a 1 previous']);
    expect(shown(runAfter(reading([pipeline('a', '1')]), reading([pipeline('a', '2', 'b.yaml')], ['a.yaml'])))).toEqual(
      ['a 2 current'],
    );
  });

  it('is the first of two with one name', () => {
    expect(shown(runAfter(reading([pipeline('a', '1'), pipeline('a')])))).toEqual(['a 1 current']);
    expect(shown(runAfter(reading([pipeline('a'), pipeline('a', '2', 'b.yaml')])))).toEqual(['a 2 current']);
  });

  it('agrees with a model that looks at one resource at a time, whatever is edited', () => {
    const resource = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      file: fc.constantFrom('1.yaml', '2.yaml'),
      version: fc.option(fc.constantFrom('x', 'y', 'z'), { nil: undefined }),
    });
    const edit = fc.record({
      found: fc.array(resource, { maxLength: 6 }),
      unreadable: fc.subarray(['1.yaml', '2.yaml']),
    });
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 8 }), (edits) => {
        let running: readonly RunningResource<string>[] = [];
        const model = new Map<string, { version: string; file: string }>();
        for (const { found, unreadable } of edits) {
          running = lastValid(
            running,
            reading(
              found.map(({ name, version, file }) => pipeline(name, version, file)),
              unreadable,
            ),
          );
          for (const name of ['a', 'b', 'c']) {
            const own = found.filter((candidate) => candidate.name === name);
            const valid = own.find(({ version }) => version !== undefined);
            const old = model.get(name);
            if (valid !== undefined) model.set(name, { version: valid.version!, file: valid.file });
            else if (own.length === 0 && old !== undefined && !unreadable.includes(old.file)) model.delete(name);
          }
          const rows = running.map(({ name, version, file }) => [name, { version, file }] as const);
          expect(new Map(rows)).toEqual(model);
          expect(rows.length).toBe(model.size);
        }
      }),
    );
  });
});
