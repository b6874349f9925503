import { type CelRule, type Data, defaulted, flag, list, object, optional, storedDefault, text } from './schema.ts';

export const namespaceName = text('Name of a namespace.', {
  pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
  maxLength: 63,
  example: 'my-namespace',
});

export const ONE_SELECTION: CelRule = {
  rule: '!(has(self.include) && has(self.exclude))',
  message: "Only one of 'include' or 'exclude' can be defined",
  fieldPath: '.exclude',
  reason: 'FieldValueForbidden',
};

export const namespaceSelector = object(
  'Namespaces to take data from. Empty: all.',
  {
    include: optional(list('Only these namespaces.', namespaceName)),
    exclude: optional(list('All but these namespaces.', namespaceName)),
  },
  [ONE_SELECTION],
);

/** Of inputs that collect, where the system's own data is mostly noise. */
export const collectedNamespaces = defaulted('all but kyma-system, kube-system and istio-system', namespaceSelector);

export const otlpInput = object('Data that senders push over OTLP.', {
  enabled: optional(storedDefault(true, flag('Take this data.'))),
  namespaces: optional(namespaceSelector),
});

export const switchable = (description: string) =>
  object(description, { enabled: optional(storedDefault(false, flag('Switches this on.'))) });

const CONDITION = 'resource.attributes["k8s.namespace.name"] == "shop"';

const expressions = (description: string, example: string) =>
  list(description, text('An OTTL expression.', { example }));

export const transform = list(
  'Changes to the data, in order.',
  object('OTTL statements and the conditions under which they run.', {
    conditions: optional(expressions('The statements run if one of these is true. None: always.', CONDITION)),
    statements: optional(expressions('What to change.', 'set(resource.attributes["team"], "shop")')),
  }),
);

export const filter = list(
  'Data to drop.',
  object('Conditions; data for which one is true is dropped.', {
    conditions: optional(expressions('OTTL conditions.', CONDITION)),
  }),
);

export type OtlpInputConfig = Data<typeof otlpInput>;
