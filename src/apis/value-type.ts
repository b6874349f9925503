import { type Data, object, optional, text } from './schema.ts';

const secretKeyRef = object('A key of a Secret.', {
  name: text('Name of the Secret.', { minLength: 1 }),
  namespace: text('Namespace of the Secret.', { minLength: 1 }),
  key: text('Key in the Secret that holds the value.', { minLength: 1 }),
});

export const valueFrom = object('Where the value is taken from.', {
  secretKeyRef,
});

const ONLY_ONE_SOURCE = {
  rule: '!(has(self.value) && size(self.value) > 0 && has(self.valueFrom))',
  message: "Only one of 'value' or 'valueFrom' can be defined",
};

const SOURCE_DEFINED = {
  rule: '(has(self.value) && size(self.value) > 0) || has(self.valueFrom)',
  message: "Either 'value' or 'valueFrom' must be defined",
};

/** A text given literally or taken from a Secret. */
export function valueType(description: string) {
  return object(description, { value: optional(text('The value as plain text.')), valueFrom: optional(valueFrom) }, [
    ONLY_ONE_SOURCE,
  ]);
}

/** As valueType; the literal value is never printed. */
export function secretValueType(description: string) {
  return object(
    description,
    { value: optional(secretText('The value as plain text.')), valueFrom: optional(valueFrom) },
    [ONLY_ONE_SOURCE],
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
  [ONLY_ONE_SOURCE, SOURCE_DEFINED],
);

export type Header = Data<typeof header>;
