import type { JsonSchema } from '../diagnostics/index.ts';
import { namespaceName } from './input.ts';
import type { PipelineKind } from './resource.ts';
import { defaulted, flag, jsonSchema, list, type MarkedSchema, object, optional, storedDefault } from './schema.ts';

/** What v1alpha1 calls otherwise. The same names are used by conversion.ts. */
export const OLD_HTTP_TLS = { insecure: 'disabled', insecureSkipVerify: 'skipCertificateValidation' } as const;

const disabled = jsonSchema(storedDefault(false, flag('Do not take this data.')));

const namespacesWithSystem = jsonSchema(
  object(
    'Namespaces to take logs from. Empty: all but the system namespaces.',
    {
      include: optional(list('Only these namespaces.', namespaceName)),
      exclude: optional(list('All but these namespaces.', namespaceName)),
      system: optional(defaulted(false, flag('Take logs from all namespaces, those of the system too.'))),
    },
    [
      {
        rule: '[has(self.include), has(self.exclude), has(self.system)].filter(x, x).size() <= 1',
        message: "Only one of 'include', 'exclude' or 'system' can be defined",
      },
    ],
  ),
);

/** The spec of a kind in v1alpha1: that of v1beta1 under its older names, without what came later. */
export function olderSpec(kind: PipelineKind, spec: MarkedSchema): MarkedSchema {
  const withoutCompression = editAt(spec, ['output', 'otlp'], (otlp) => rename(otlp, { compression: undefined }));
  if (kind === 'TracePipeline') return withoutCompression;
  const edited = editAt(withoutCompression, ['input', 'otlp'], (otlp) =>
    rename(otlp, { enabled: ['disabled', disabled] }),
  );
  return kind === 'LogPipeline' ? olderLogSpec(edited) : edited;
}

function olderLogSpec(spec: MarkedSchema): MarkedSchema {
  const application = (input: MarkedSchema) => {
    const runtime = input.properties!['runtime'] as MarkedSchema;
    return rename(input, {
      runtime: ['application', rename(runtime, { namespaces: ['namespaces', namespacesWithSystem] })],
    });
  };
  const tls = ({ ...schema }: MarkedSchema) => {
    const { insecure, insecureSkipVerify } = schema.properties!;
    return rename(schema, {
      insecure: [OLD_HTTP_TLS.insecure, insecure!],
      insecureSkipVerify: [OLD_HTTP_TLS.insecureSkipVerify, insecureSkipVerify!],
    });
  };
  const renamed = editAt(editAt(spec, ['input'], application), ['output', 'http', 'tls'], tls);
  const older = (text: string) => text.replaceAll('input.runtime', 'input.application');
  const rules = (spec['x-kubernetes-validations'] ?? []).map(({ rule, message, fieldPath, ...rest }) => ({
    ...rest,
    rule: older(rule),
    message: older(message),
    ...(fieldPath === undefined ? {} : { fieldPath: older(fieldPath) }),
  }));
  return { ...renamed, 'x-kubernetes-validations': rules };
}

function editAt(
  schema: MarkedSchema,
  path: readonly string[],
  edit: (schema: MarkedSchema) => MarkedSchema,
): MarkedSchema {
  const [name, ...rest] = path;
  if (name === undefined) return edit(schema);
  return { ...schema, properties: { ...schema.properties, [name]: editAt(schema.properties![name]!, rest, edit) } };
}

type Renames = Readonly<Record<string, readonly [string, JsonSchema] | undefined>>;

/** Replaces properties in place; undefined removes one. All of them are optional. */
function rename(schema: MarkedSchema, renames: Renames): MarkedSchema {
  const properties = Object.entries(schema.properties ?? {}).flatMap(([name, child]) => {
    if (!Object.hasOwn(renames, name)) return [[name, child] as const];
    const renamed = renames[name];
    return renamed ? [renamed] : [];
  });
  return { ...schema, properties: Object.fromEntries(properties) };
}
