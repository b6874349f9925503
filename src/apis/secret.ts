import { checkSchema, type Issue, type JsonSchema, type SourceDocument } from '../diagnostics/index.ts';
import type { SecretStore } from './secret-store.ts';

/** A Secret as `kubectl apply` takes it, with its values decoded. */
export interface Secret {
  readonly namespace: string;
  readonly name: string;
  readonly values: ReadonlyMap<string, string>;
}

const secretValues: JsonSchema = { type: 'object', additionalProperties: { type: 'string', format: 'password' } };

export const secretSchema: JsonSchema = {
  type: 'object',
  properties: {
    apiVersion: { type: 'string', enum: ['v1'] },
    kind: { type: 'string', enum: ['Secret'] },
    metadata: {
      type: 'object',
      properties: { name: { type: 'string', minLength: 1 }, namespace: { type: 'string' } },
      required: ['name'],
      'x-kubernetes-preserve-unknown-fields': true,
    },
    type: { type: 'string' },
    immutable: { type: 'boolean' },
    data: secretValues,
    stringData: secretValues,
  },
  required: ['metadata'],
};

interface SecretManifest {
  readonly metadata: { readonly name: string; readonly namespace?: string | null };
  readonly data?: Readonly<Record<string, string | null>> | null;
  readonly stringData?: Readonly<Record<string, string | null>> | null;
}

/** Reads a Secret. Values that are not base64 are issues; the other keys can be used. */
export function readSecret(document: SourceDocument): { readonly secret?: Secret; readonly issues: readonly Issue[] } {
  const issues = checkSchema(document.value, secretSchema, { document });
  if (issues.length > 0) return { issues };
  const { metadata, data, stringData } = document.value as SecretManifest;
  const values = new Map<string, string>();
  for (const [key, encoded] of Object.entries(data ?? {})) {
    const value = decodeBase64(encoded ?? '');
    if (value === undefined) issues.push(notBase64(key, document));
    else values.set(key, value);
  }
  // As in the API server, stringData wins.
  for (const [key, value] of Object.entries(stringData ?? {})) values.set(key, value ?? '');
  return { secret: { namespace: metadata.namespace ?? 'default', name: metadata.name, values }, issues };
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function decodeBase64(encoded: string): string | undefined {
  const text = encoded.replace(/[\r\n]/g, '');
  if (!BASE64.test(text)) return undefined;
  return new TextDecoder().decode(Uint8Array.from(atob(text), (byte) => byte.charCodeAt(0)));
}

function notBase64(key: string, document: SourceDocument): Issue {
  const path = ['data', key];
  return {
    code: 'SL0105',
    severity: 'error',
    message: `\`data.${key}\` is not base64`,
    path,
    span: document.spanOf(path) ?? document.nearestSpan(path),
    label: 'not base64',
    help: 'write plain text under `stringData`, or encode it: `printf %s TEXT | base64`',
  };
}

/** Secrets by namespace and name, with the documents they come from. */
export class SecretMap implements SecretStore {
  readonly #found = new Map<string, { readonly values: Secret['values']; readonly document: SourceDocument }>();

  /** The document of an earlier Secret of the same name; then that one stays, and this one is not added. */
  add({ namespace, name, values }: Secret, document: SourceDocument): SourceDocument | undefined {
    const id = idOf(namespace, name);
    const first = this.#found.get(id);
    if (!first) this.#found.set(id, { values, document });
    return first?.document;
  }

  get(namespace: string, name: string): ReadonlyMap<string, string> | undefined {
    return this.#found.get(idOf(namespace, name))?.values;
  }
}

function idOf(namespace: string, name: string): string {
  return JSON.stringify([namespace, name]);
}
