import type { Static, TSchema } from 'typebox';
import { parseDuration, Type } from '../../lib/index.ts';

/** An object that allows nothing but `properties`, all of them optional. */
export function settingsObject<P extends Record<string, TSchema>>(properties: P) {
  return Type.Partial(Type.Object(properties), { additionalProperties: false });
}

/** A Go duration: `5s`, `200ms`, `1h30m`, or a bare 0. Its form is checked by `checkDurations`. */
export const Duration = Type.Unsafe<string | number>({
  anyOf: [{ type: 'string' }, { type: 'integer' }],
  format: 'duration',
});

export const Count = Type.Integer({ minimum: 0 });

export function oneOf<const V extends readonly string[]>(...values: V) {
  return Type.Unsafe<V[number]>({ type: 'string', enum: values });
}

/** A header value, key or password: never printed. */
export const Secret = Type.String({ format: 'password' });

/** Headers as a mapping, or as the Collector's list of name and value. */
export const Headers = Type.Unsafe<
  Readonly<Record<string, string>> | readonly { readonly name: string; readonly value: string }[]
>({
  anyOf: [
    { type: 'object', additionalProperties: { type: 'string', format: 'password' } },
    {
      type: 'array',
      items: {
        type: 'object',
        properties: { name: { type: 'string' }, value: { type: 'string', format: 'password' } },
        required: ['name', 'value'],
        additionalProperties: false,
      },
    },
  ],
});

export function headersRecord(headers: Static<typeof Headers> | undefined): Readonly<Record<string, string>> {
  if (!Array.isArray(headers)) return (headers as Readonly<Record<string, string>> | undefined) ?? {};
  return Object.fromEntries(headers.map(({ name, value }) => [name, value]));
}

/** Milliseconds of a checked duration; a bare number is nanoseconds, as Go has it. */
export function durationMs(value: string | number | undefined, defaultMs: number): number {
  if (value === undefined) return defaultMs;
  return typeof value === 'number' ? value / 1e6 : parseDuration(value)!;
}
