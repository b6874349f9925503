import { describe, expect, it } from 'vitest';
import { AppliedResources } from './applied-resources.ts';
import { findDocuments } from './found-documents.ts';

const resource = (name: string, port = 1) => `apiVersion: "telemetry.kyma-project.io/v1beta1"
kind: "TracePipeline"
metadata:
  name: "${name}"
spec:
  output:
    otlp:
      endpoint:
        value: "http://127.0.0.1:${port}"
`;
const file = (text: string, name = 'a.yaml') => ({ file: name, text });
const NONE = new AppliedResources();
const texts = (applied: AppliedResources) => applied.overlays.map(({ text }) => text).join();

describe('applied resources', () => {
  it('replace each other by kind and name', () => {
    const applied = NONE.with([file(resource('a', 1))], []).with([file(resource('a', 2)), file(resource('b'))], []);
    expect(texts(applied)).toBe(`${resource('a', 2)}---\n${resource('b')}`);
    expect(texts(applied.without({ kind: 'TracePipeline', name: 'a' }))).toBe(resource('b'));
    expect(texts(applied.without({ kind: 'TracePipeline', name: 'c' }))).toBe(texts(applied));
  });

  it('give way to a file of theirs that changes, and only to that', () => {
    const files = [file(resource('a', 1)), file(resource('b', 1), 'b.yaml')];
    const applied = NONE.with([file(resource('a', 2)), file(resource('b', 2)), file(resource('c', 2))], files);
    expect(applied.whereFilesStand(files)).toBe(applied);
    const edited = applied.whereFilesStand([file(`# x\n${resource('a', 1)}`), files[1]!]);
    expect(texts(edited)).not.toContain('name: "a"');
    expect(texts(edited)).toContain('name: "b"');
    expect(texts(applied.whereFilesStand([...files, file(resource('c', 3), 'c.yaml')]))).not.toContain('name: "c"');
    expect(texts(applied.whereFilesStand([]))).toBe(texts(applied));
  });

  it('are the same after a restart', () => {
    const files = [file(resource('a', 1))];
    const applied = NONE.with([file(`${resource('a', 2)}---\n${resource('b')}`)], files);
    const again = AppliedResources.parse(applied.toText());
    expect(again.toText()).toBe(applied.toText());
    expect(again.whereFilesStand(files)).toBe(again);
    expect(texts(again.whereFilesStand([file(resource('a', 7))]))).toBe(resource('b'));
    expect(AppliedResources.parse('').overlays).toEqual([]);
  });

  it.each(['yes', 'on', '1:30', '0x1F', '~', 'null', '1e3', '', ' # x', 'a\n---\nb', '017'])(
    'are read back as they were written: %j',
    (text) => {
      const posted = resource('a').replace('otlp:\n', `otlp:\n      path: ${JSON.stringify(text)}\n`);
      const again = AppliedResources.parse(NONE.with([file(posted)], []).toText());
      const [found] = findDocuments(again.overlays).documents;
      expect(found!.document.value).toEqual(findDocuments([file(posted)]).documents[0]!.document.value);
    },
  );

  it('keep Secrets apart, and out of what is saved', () => {
    const secret = 'apiVersion: "v1"\nkind: "Secret"\nmetadata:\n  name: "s"\nstringData:\n  k: "v"\n';
    const applied = NONE.with([file(`${resource('a')}---\n${secret}`)], []);
    expect(applied.toText()).toBe(resource('a'));
    expect(applied.secretFiles.map(({ text }) => text)).toEqual([secret]);
    expect(applied.without({ kind: 'TracePipeline', name: 'a' }).secretFiles).toHaveLength(1);
  });
});
