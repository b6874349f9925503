import { type CelRule, type Data, object, optional, text } from './schema.ts';

const secretKeyRef = object('A key of a Secret.', {
  name: text('Name of the Secret.', { minLength: 1 }),
  namespace: text('Namespace of the Secret.', { minLength: 1 }),
  key: text('Key in the Secret that holds the value.', { minLength: 1 }),
});

export const valueFrom = object('Where the value is taken from.', {
  secretKeyRef,
});

const ONE_SOURCE = {
  rule: '(has(self.value) && size(self.value) > 0) != has(self.valueFrom)',
  message: "Exactly one of 'value' or 'valueFrom' must be set",
};

/** A text given literally or taken from a Secret. */
export function valueType(description: string, rules: readonly CelRule[] = []) {
  return object(description, { value: optional(text('The value as plain text.')), valueFrom: optional(valueFrom) }, [
    ONE_SOURCE,
    ...rules,
  ]);
}

/** As valueType; the literal value is never printed. */
export function secretValueType(description: string) {
  return object(
    description,
    { value: optional(secretText('The value as plain text.')), valueFrom: optional(valueFrom) },
    [ONE_SOURCE],
  );
}

function secretText(description: string) {
  return text(description, { format: 'password' });
}

export const header = object(
  'A header sent with every request.',
  {
    name: text('Name of the header.', { minLength: 1 }),
    value: optional(secretText('The value as plain text.')),
    valueFrom: optional(valueFrom),
    prefix: optional(secretText('Text in front of the value, separated from it by a space: `Bearer`.')),
  },
  [ONE_SOURCE],
);

export type Header = Data<typeof header>;
