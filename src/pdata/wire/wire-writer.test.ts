import { BinaryWriter } from '@bufbuild/protobuf/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FieldReader } from './field-reader.ts';
import { lengthDelimitedSize } from './format.ts';
import { WireWriter } from './wire-writer.ts';

const seed = 20_261_122;

type Node =
  | { kind: 'uint32'; no: number; value: number }
  | { kind: 'int64'; no: number; value: bigint }
  | { kind: 'double'; no: number; value: number }
  | { kind: 'fixed64'; no: number; value: bigint }
  | { kind: 'text'; no: number; value: string }
  | { kind: 'message'; no: number; value: readonly Node[] };

const no = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(2047, 2048, 536_870_911));
const int64 = fc.oneof(
  fc.constantFrom(0n, -1n, 127n, 128n, 2n ** 63n - 1n, -(2n ** 63n)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);
const nodes: fc.Arbitrary<Node[]> = fc.letrec<{ nodes: Node[]; node: Node }>((tie) => ({
  nodes: fc.array(tie('node'), { maxLength: 5 }),
  node: fc.oneof(
    { maxDepth: 5 },
    fc.record({ kind: fc.constant('uint32' as const), no, value: fc.nat(2 ** 31 - 1) }),
    fc.record({ kind: fc.constant('int64' as const), no, value: int64 }),
    fc.record({ kind: fc.constant('double' as const), no, value: fc.double() }),
    fc.record({ kind: fc.constant('fixed64' as const), no, value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
    fc.record({ kind: fc.constant('text' as const), no, value: fc.string({ unit: 'binary', maxLength: 200 }) }),
    fc.record({ kind: fc.constant('message' as const), no, value: tie('nodes') }),
  ),
})).nodes;

function write(writer: WireWriter, list: readonly Node[]): void {
  for (const node of list) {
    if (node.kind === 'uint32') writer.int32Field(node.no, node.value);
    else if (node.kind === 'int64') writer.int64Field(node.no, node.value);
    else if (node.kind === 'double') writer.doubleField(node.no, node.value);
    else if (node.kind === 'fixed64') writer.fixed64Field(node.no, node.value);
    else if (node.kind === 'text') writer.stringField(node.no, node.value);
    else {
      const mark = writer.beginMessage(node.no);
      write(writer, node.value);
      writer.endMessage(mark);
    }
  }
}

function writeElsewhere(writer: BinaryWriter, list: readonly Node[]): void {
  for (const node of list) {
    if (node.kind === 'uint32') writer.tag(node.no, 0).uint32(node.value);
    else if (node.kind === 'int64') writer.tag(node.no, 0).int64(node.value);
    else if (node.kind === 'double') writer.tag(node.no, 1).double(node.value);
    else if (node.kind === 'fixed64') writer.tag(node.no, 1).fixed64(node.value);
    else if (node.kind === 'text') writer.tag(node.no, 2).string(node.value);
    else {
      writer.tag(node.no, 2).fork();
      writeElsewhere(writer, node.value);
      writer.join();
    }
  }
}

function read(reader: FieldReader, list: readonly Node[]): void {
  for (const node of list) {
    expect(reader.next()).toBe(true);
    expect(reader.number).toBe(node.no);
    if (node.kind === 'uint32') expect(reader.uint32()).toBe(node.value);
    else if (node.kind === 'int64') expect(reader.int64()).toBe(node.value);
    else if (node.kind === 'double') expect(reader.double()).toBe(node.value);
    else if (node.kind === 'fixed64') expect(reader.fixed64()).toBe(node.value);
    else if (node.kind === 'text') expect(reader.string()).toBe(node.value);
    else read(reader.message(), node.value);
    if (node.kind === 'text') expect(reader.field().length).toBe(lengthDelimitedSize(node.no, reader.content().length));
  }
  expect(reader.next()).toBe(false);
}

describe('WireWriter', () => {
  it('writes the bytes an independent writer writes, whatever room it started with, and FieldReader reads them back', () => {
    fc.assert(
      fc.property(nodes, fc.nat(40), (list, capacity) => {
        const writer = new WireWriter(capacity);
        write(writer, list);
        const expected = new BinaryWriter();
        writeElsewhere(expected, list);
        expect([...writer.finish()]).toEqual([...expected.finish()]);
        read(new FieldReader(writer.finish()), list);
      }),
      { seed, numRuns: 500 },
    );
  });

  it('writes the same with an expected source as without, whenever it is taken in and emptied', () => {
    const source = Uint8Array.from({ length: 400 }, (_, at) => at);
    const range = fc.tuple(fc.nat(400), fc.nat(400)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
    const step = fc.oneof(range, fc.constantFrom('take in' as const, 'empty' as const));
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const writer = new WireWriter(1);
        writer.expect(source);
        let from = 0;
        let expected: number[] = [];
        for (const one of steps) {
          if (one === 'take in') {
            writer.takeInSource();
            from = writer.length;
            expected = [];
          } else if (one === 'empty') {
            writer.truncate(0);
            from = 0;
            expected = [];
          } else {
            writer.rawRange(source, ...one);
            expected.push(...source.subarray(...one));
          }
          expect([...writer.finish().subarray(from)]).toEqual(expected);
        }
      }),
    );
  });
});

describe('FieldReader', () => {
  it.each([
    ['a length beyond the end', [0x0a, 0x05, 0x00]],
    ['a varint without an end', [0x08, 0x80]],
    ['a fixed field that is cut off', [0x09, 0, 0, 0]],
    ['a group', [0x0b]],
    ['field number 0', [0x00, 0x00]],
  ])('throws malformed_protobuf on %s', (_, bytes) => {
    const reader = new FieldReader(Uint8Array.from(bytes));
    expect(() => reader.next()).toThrow(expect.objectContaining({ code: 'malformed_protobuf' }));
  });

  it('stays inside the range it was given', () => {
    const reader = new FieldReader(Uint8Array.of(0x0a, 0x02, 0x61, 0x62), 0, 3);
    expect(() => reader.next()).toThrow('the field at byte 0 is cut off');
  });
});
