import { describe, expect, it } from 'vitest';
import { CONVERSIONS } from './convert.ts';
import { EvaluationError, type ParameterType } from './function.ts';
import { parseFloat64 } from './parse-float.ts';
import { Duration, IdValue, Time, type Value } from './value.ts';

const FAILS = Symbol('fails');

function convert(type: ParameterType, value: Value): Value | typeof FAILS {
  try {
    return CONVERSIONS[type]!(value);
  } catch (failure) {
    if (failure instanceof EvaluationError) return FAILS;
    throw failure;
  }
}

/** As observed of pkg/ottl 0.149. */
describe('a value becomes', () => {
  it.each<[Value, Value | typeof FAILS]>([
    [undefined, undefined],
    ['a', 'a'],
    [42n, '42'],
    [1.5, '1.5'],
    [2, '2'],
    [1e-7, '1e-07'],
    [1e21, '1e+21'],
    [1e20, '100000000000000000000'],
    [Number.NaN, FAILS],
    [true, 'true'],
    [Uint8Array.of(1, 255), '01ff'],
    [
      new Map<string, Value>([
        ['b', '<'],
        ['a', [1n, undefined]],
      ]),
      '{"a":[1,null],"b":"\\u003c"}',
    ],
    [new Time(1_700_000_000_500_000_000n), '"2023-11-14T22:13:20.5Z"'],
    [new Duration(1_000_000_000n), '1000000000'],
    [new IdValue('span', Uint8Array.of(1, 2)), '[1,2]'],
  ])('text: %s', (value, text) => {
    expect(convert('StringLikeGetter', value)).toBe(text);
  });

  it.each<[Value, Value | typeof FAILS]>([
    [undefined, undefined],
    [42n, 42n],
    ['42', 42n],
    ['+5', 5n],
    ['4.2', undefined],
    ['9223372036854775808', undefined],
    [4.9, 4n],
    [-4.9, -4n],
    [1e300, -(1n << 63n)],
    [Number.NaN, -(1n << 63n)],
    [true, 1n],
    [Uint8Array.of(1), FAILS],
    [[], FAILS],
  ])('an int: %s', (value, int) => {
    expect(convert('IntLikeGetter', value)).toBe(int);
  });

  it.each<[Value, Value | typeof FAILS]>([
    [undefined, undefined],
    [4n, 4],
    [1.5, 1.5],
    ['1.5e3', 1500],
    ['many', FAILS],
    [false, 0],
    [new Map(), FAILS],
  ])('a double: %s', (value, double) => {
    expect(convert('FloatLikeGetter', value)).toBe(double);
  });

  it.each<[Value, Value | typeof FAILS]>([
    [undefined, undefined],
    [0n, false],
    [0.1, true],
    ['T', true],
    ['tRUE', FAILS],
    ['0', false],
    [[], FAILS],
  ])('a bool: %s', (value, bool) => {
    expect(convert('BoolLikeGetter', value)).toBe(bool);
  });

  it('bytes, numbers as eight', () => {
    expect(convert('ByteSliceLikeGetter', 'ä')).toEqual(Uint8Array.of(0xc3, 0xa4));
    expect(convert('ByteSliceLikeGetter', -2n)).toEqual(Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 254));
    expect(convert('ByteSliceLikeGetter', 1.5)).toEqual(Uint8Array.of(0x3f, 0xf8, 0, 0, 0, 0, 0, 0));
    expect(convert('ByteSliceLikeGetter', true)).toEqual(Uint8Array.of(1));
    expect(convert('ByteSliceLikeGetter', [])).toBe(FAILS);
  });

  it.each<[ParameterType, Value]>([
    ['StringGetter', 1n],
    ['StringGetter', undefined],
    ['IntGetter', 1],
    ['FloatGetter', 1n],
    ['BoolGetter', 'true'],
    ['PMapGetter', []],
    ['PSliceGetter', new Map()],
    ['TimeGetter', 1n],
    ['DurationGetter', 1n],
  ])('nothing else for a %s, as %s', (type, value) => {
    expect(convert(type, value)).toBe(FAILS);
  });
});

describe('parseFloat64', () => {
  it.each([
    ['1', 1],
    ['.5', 0.5],
    ['5.', 5],
    ['-1e-3', -0.001],
    ['1_000', 1000],
    ['0x1p-2', 0.25],
    ['0X1.8P1', 3],
    ['0x_1p0', 1],
    ['inf', Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['NaN', Number.NaN],
    ['+nan', undefined],
    ['', undefined],
    ['.', undefined],
    ['1e', undefined],
    ['1e400', undefined],
    ['0x10', undefined],
    ['1__0', undefined],
    ['_1', undefined],
    ['1_', undefined],
    [' 1', undefined],
  ])('%j', (text, value) => {
    expect(parseFloat64(text)).toBe(value);
  });
});
