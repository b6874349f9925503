import { type CelRule, type Data, object, optional, text } from './schema.ts';

const secretKeyRef = object('A key of a Secret.', {
  name: text('Name of the Secret.', { minLength: 1, example: 'backend' }),
  namespace: text('Namespace of the Secret.', { minLength: 1, example: 'shop' }),
  key: text('Key in the Secret that holds the value.', { minLength: 1, example: 'token' }),
});

export const valueFrom = object('Where the value is taken from.', {
  secretKeyRef,
});

const ONE_SOURCE = {
  rule: '(has(self.value) && size(self.value) > 0) != has(self.valueFrom)',
  message: "Exactly one of 'value' or 'valueFrom' must be set",
};

/** A text given literally or taken from a Secret. */
export function valueType(description: string, rules: readonly CelRule[] = [], example?: string) {
  const value = text('The value as plain text.', example === undefined ? {} : { example });
  return object(description, { value: optional(value), valueFrom: optional(valueFrom) }, [ONE_SOURCE, ...rules]);
}

/** As valueType; the literal value is never printed. */
export function secretValueType(description: string) {
  return object(
    description,
    { value: optional(secretText('The value as plain text.')), valueFrom: optional(valueFrom) },
    [ONE_SOURCE],
  );
}

function secretText(description: string, example?: string) {
  return text(description, { format: 'password', ...(example === undefined ? {} : { example }) });
}

export const header = object(
  'A header sent with every request.',
  {
    name: text('Name of the header.', { minLength: 1, example: 'X-Scope-OrgID' }),
    value: optional(secretText('The value as plain text.')),
    valueFrom: optional(valueFrom),
    prefix: optional(secretText('Text in front of the value, separated from it by a space.', 'Bearer')),
  },
  [ONE_SOURCE],
);

export type Header = Data<typeof header>;
