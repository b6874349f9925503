import { type LoadedResource, literal, type SecretKeyRef, type SecretStore } from '../apis/index.ts';
import { formatPath, type Issue, type Path, suggest } from '../diagnostics/index.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import type { SecretText } from './graph.ts';

/** `value` or `valueFrom`, as a resource has it. */
export interface ValueSource {
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: SecretKeyRef };
}

export interface SecretOptions {
  /** The Secrets at hand; without any, what they hold is left to the running process. */
  readonly secrets?: SecretStore;
  /** A Secret that is not at hand is an error: whoever compiles also runs the result. */
  readonly secretsRequired?: boolean;
  /** Absent: only the form of certificates is looked at. */
  readonly certificates?: CertificateFacts;
  /** Wall clock; absent: whether certificates have expired is not looked at. */
  readonly nowMs?: number;
}

/** What a check has against a text, in words that repeat nothing of it. */
export interface TextProblem {
  readonly code: string;
  /** After the name of the field: `is not PEM`. */
  readonly message: string;
  readonly help?: string;
  readonly label?: string;
  /** Default: error. */
  readonly severity?: 'error' | 'warning';
}

export type TextCheck = (text: string) => TextProblem | undefined;

/** Most keys of a Secret that an issue lists. */
const SHOWN_KEYS = 10;

/** Reads the texts of one resource, those that stand in Secrets too, and collects what is wrong with them. */
export class SecretValues {
  readonly issues: Issue[] = [];
  readonly #document: LoadedResource['document'];
  readonly options: SecretOptions;

  constructor({ document }: LoadedResource, options: SecretOptions) {
    this.#document = document;
    this.options = options;
  }

  /** The text at `path`. One of a Secret is taken as it is; in a manifest `$$` means `$`, unless `exact`. */
  read(path: Path, source: ValueSource, { exact = false } = {}): SecretText {
    if (source.valueFrom === undefined) {
      const written = source.value ?? '';
      return { text: exact ? written : literal(written), from: [] };
    }
    const { namespace, name, key } = source.valueFrom.secretKeyRef;
    const text = this.#lookUp([...path, 'valueFrom', 'secretKeyRef'], { namespace, name, key });
    return { ...(text === undefined ? {} : { text }), from: [{ namespace, name, key }] };
  }

  /** Reports what a check has against a text that is known. */
  check(path: Path, { text, from }: SecretText, check: TextCheck): void {
    const problem = text === undefined ? undefined : check(text);
    if (problem === undefined) return;
    if (from.length === 0) this.report(path, problem, [...path, 'value']);
    else
      this.report(path, { ...problem, label: 'the value of this key' }, [...path, 'valueFrom', 'secretKeyRef', 'key']);
  }

  /** An issue of the field at `path`; the caret stands at `place`. */
  report(path: Path, { code, message, help, label, severity = 'error' }: TextProblem, place: Path = path): void {
    this.issues.push({
      code,
      severity,
      message: `\`${formatPath(path)}\` ${message}`,
      path: place,
      span: (place === path ? undefined : this.#document.spanOf(place)) ?? this.#document.nearestSpan(place),
      ...(label === undefined ? {} : { label }),
      ...(help === undefined ? {} : { help }),
    });
  }

  #lookUp(path: Path, { namespace, name, key }: SecretKeyRef): string | undefined {
    const secret = this.options.secrets?.get(namespace, name);
    if (secret === undefined) {
      if (this.options.secretsRequired === true) this.#reportMissing(path, `${namespace}/${name}`);
      return undefined;
    }
    const text = secret.get(key);
    if (text === undefined) this.#reportMissingKey(path, { namespace, name, key }, [...secret.keys()].sort());
    return text;
  }

  #reportMissing(path: Path, secret: string): void {
    this.issues.push({
      code: 'SL0401',
      severity: 'error',
      message: `Secret \`${secret}\` not found (ReferencedSecretMissing)`,
      path: [...path, 'name'],
      span: this.#document.spanOf([...path, 'name']) ?? this.#document.nearestSpan([...path, 'name']),
      label: 'no such Secret is at hand',
      help: 'put its manifest into one of the files of `-f`, or name its file with `--secrets` (up, validate, render)',
    });
  }

  #reportMissingKey(path: Path, { namespace, name, key }: SecretKeyRef, keys: readonly string[]): void {
    const place = [...path, 'key'];
    const near = suggest(key, keys);
    const listed = keys.slice(0, SHOWN_KEYS).map((one) => `\`${one}\``);
    const more = keys.length > SHOWN_KEYS ? `, and ${keys.length - SHOWN_KEYS} more` : '';
    this.issues.push({
      code: 'SL0402',
      severity: 'error',
      message: `key \`${key}\` not found in Secret \`${namespace}/${name}\` (ReferencedSecretMissing)`,
      path: place,
      span: this.#document.spanOf(place) ?? this.#document.nearestSpan(place),
      label: keys.length === 0 ? 'the Secret has no keys' : `the Secret has: ${listed.join(', ')}${more}`,
      ...(near === undefined ? {} : { help: `did you mean \`${near}\`?` }),
    });
  }
}

/** The keys behind several texts, each once. */
export function keysOf(...texts: readonly SecretText[]): readonly SecretKeyRef[] {
  const byId = new Map(texts.flatMap(({ from }) => from).map((ref) => [JSON.stringify(ref), ref]));
  return [...byId.values()];
}

/** A text made of others: known when all of them are. */
export function combine(
  texts: readonly SecretText[],
  form: string,
  make: (...parts: readonly string[]) => string,
): SecretText {
  const known = texts.flatMap(({ text }) => text ?? []);
  const from = keysOf(...texts);
  return {
    ...(known.length === texts.length ? { text: make(...known) } : {}),
    from,
    ...(from.length === 0 ? {} : { form }),
  };
}
