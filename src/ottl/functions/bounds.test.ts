import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STILL_ENVIRONMENT } from '../../../test/testkit/ottl-function.ts';
import { type Argument, EvaluationError, InvalidArgument, type Parameter, type ParameterType } from '../function.ts';
import type { Row } from '../row.ts';
import { Duration, Time, UTC, type Value } from '../value.ts';
import { CONVERTERS, EDITORS } from './index.ts';

const int64 = fc.oneof(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), fc.bigInt({ min: -3n, max: 40n }));
/** Text as it comes: any characters, lone bytes, and what parsers look for. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: fc.constantFrom(...'<>/&;"\'{}[]():=,.%$-+?*|\\ \n\udc80ü😀aZ09') }),
  fc.constantFrom(
    '',
    '<a b="c">d</a>',
    '{"a":[1,{}]}',
    'a=1 b=2',
    '//a[1]',
    '%Y-%m-%d',
    '%s',
    '2023-01-02',
    '10.0.0.1',
    '(a)|b',
    '%{IP}',
  ),
);
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant<Value>(undefined),
    text,
    int64,
    fc.double(),
    fc.boolean(),
    fc.uint8Array({ maxLength: 20 }),
    int64.map((nanos) => new Time(nanos * 1000n, UTC)),
    int64.map((nanos) => new Duration(nanos)),
    fc.array(tie('value'), { maxLength: 4 }) as fc.Arbitrary<Value>,
    fc.array(fc.tuple(text, tie('value')), { maxLength: 4 }).map((entries): Value => new Map(entries)),
  ),
}));
const map = fc.array(fc.tuple(text, value), { maxLength: 5 }).map((entries) => new Map(entries));

const OF_TYPE: Readonly<Record<ParameterType, fc.Arbitrary<Value>>> = {
  Getter: value,
  Setter: value,
  GetSetter: value,
  StringGetter: text,
  StringLikeGetter: fc.option(text, { nil: undefined }),
  IntGetter: int64,
  IntLikeGetter: fc.option(int64, { nil: undefined }),
  FloatGetter: fc.double(),
  FloatLikeGetter: fc.option(fc.double(), { nil: undefined }),
  BoolGetter: fc.boolean(),
  BoolLikeGetter: fc.option(fc.boolean(), { nil: undefined }),
  ByteSliceLikeGetter: fc.option(fc.uint8Array({ maxLength: 33 }), { nil: undefined }),
  DurationGetter: int64.map((nanos) => new Duration(nanos)),
  TimeGetter: int64.map((nanos) => new Time(nanos * 1_000_000_000n)),
  PMapGetter: map,
  PMapGetSetter: map,
  PSliceGetter: fc.array(value, { maxLength: 5 }) as fc.Arbitrary<Value>,
  FunctionGetter: fc.constant<Value>(undefined),
  string: text,
  int: int64,
  float: fc.double(),
  bool: fc.boolean(),
  Enum: int64,
};

/** What a function gets for one parameter: literals for some types, else what reads a value. */
function argument({ type, list, optional }: Parameter): fc.Arbitrary<Argument> {
  const one = OF_TYPE[type].map((given): Argument => {
    if (/^[a-z]/.test(type)) return given;
    return type.endsWith('etSetter') || type === 'Setter' ? { get: () => given, set: () => undefined } : () => given;
  });
  const all =
    list === true ? fc.array(one, { maxLength: 4 }) : type === 'FunctionGetter' ? fc.constant(undefined) : one;
  return optional === true ? fc.oneof(all, fc.constant<Argument>(undefined)) : all;
}

const ROW = { context: 'log', cache: new Map() } as Row;
const FREE = [...EDITORS, ...CONVERTERS].filter(({ contexts }) => contexts === undefined);

describe('whatever it is given', () => {
  it.each(FREE.map((spec) => [spec.name, spec] as const))('%s gives a value or says that it cannot', (_, spec) => {
    fc.assert(
      fc.property(fc.tuple(...spec.parameters.map(argument)), (args) => {
        try {
          spec.create(args, STILL_ENVIRONMENT)(ROW);
        } catch (error) {
          if (!(error instanceof EvaluationError) && !(error instanceof InvalidArgument)) throw error;
          expect(error.message.length).toBeLessThan(2_000);
        }
      }),
      { numRuns: 200 },
    );
  });
});
