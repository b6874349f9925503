import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readJsonLines } from './watch-stream.ts';

async function* pieces(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const cut of [...cuts, bytes.length].map((at) => Math.min(at, bytes.length)).sort((a, b) => a - b)) {
    yield bytes.subarray(start, cut);
    start = cut;
  }
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<readonly unknown[]> {
  const values: unknown[] = [];
  for await (const value of readJsonLines(chunks)) values.push(value);
  return values;
}

it('reads the same lines wherever the stream is cut into pieces', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.jsonValue()), fc.array(fc.nat(500)), async (values, cuts) => {
      const text = values.map((value) => `${JSON.stringify(value)}\n`).join('');
      expect(await collect(pieces(Buffer.from(text), cuts))).toEqual(JSON.parse(JSON.stringify(values)));
    }),
  );
});

it('gives nothing of a last line that was cut off', async () => {
  expect(await collect(pieces(Buffer.from('{"a":1}\n{"b":'), [3]))).toEqual([{ a: 1 }]);
});

it('refuses a line without an end instead of keeping it all', async () => {
  async function* endless() {
    for (;;) yield Buffer.alloc(2 ** 20, 'x');
  }
  await expect(collect(endless())).rejects.toMatchObject({ code: 'AnswerTooLarge' });
});
