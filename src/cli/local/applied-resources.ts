import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import { parseYamlDocuments } from '../../diagnostics/index.ts';
import { identityOf, type ResourceIdentity } from '../../pipeline/index.ts';
import type { InputFile } from '../input-files.ts';
import { type FoundDocument, findDocuments } from './found-documents.ts';

/** The name that findings call the applied resources by, and their file in a data directory. */
export const APPLIED_FILE = 'applied.yaml';

interface AppliedResource extends ResourceIdentity {
  readonly text: string;
  /** Hash of the file that had a resource of this name when it was applied; absent when none had. */
  readonly over?: string;
}

const OVER = /^# over (\w+)$/m;

/**
 * Resources that `sluice apply` brought. Each wins over the one of the same name in a file until that file changes: whoever
 * edits a file wants what it says. Secrets are kept in memory alone.
 */
export class AppliedResources {
  readonly #resources: ReadonlyMap<string, AppliedResource>;
  readonly #secrets: ReadonlyMap<string, string>;

  constructor(resources: readonly AppliedResource[] = [], secrets: ReadonlyMap<string, string> = new Map()) {
    this.#resources = new Map(resources.map((resource) => [identityOf(resource), resource]));
    this.#secrets = secrets;
  }

  /** From what `toText` gave. */
  static parse(text: string): AppliedResources {
    const resources = text.split(/^---$/m).flatMap((part) =>
      findDocuments([{ file: APPLIED_FILE, text: part }]).documents.map(({ kind, name, document }) => {
        const over = OVER.exec(part)?.[1];
        return { kind, name, text: toYaml(document.value), ...(over === undefined ? {} : { over }) };
      }),
    );
    return new AppliedResources(resources);
  }

  /** To be kept across restarts; readable by its owner alone. */
  toText(): string {
    return [...this.#resources.values()]
      .map(({ text, over }) => `${over === undefined ? '' : `# over ${over}\n`}${text}`)
      .join('---\n');
  }

  /** One file that holds all of them. */
  get overlays(): readonly InputFile[] {
    return this.#resources.size === 0 ? [] : [{ file: APPLIED_FILE, text: this.toText() }];
  }

  /** The same without those that `others` hold. */
  overlaysWithout(others: readonly InputFile[]): readonly InputFile[] {
    const held = new Set(findDocuments(others).documents.map(identityOf));
    const kept = [...this.#resources.values()].filter((one) => !held.has(identityOf(one)));
    return new AppliedResources(kept).overlays;
  }

  get secretFiles(): readonly InputFile[] {
    return [...this.#secrets].map(([name, text]) => ({ file: `applied ${name}`, text }));
  }

  has(identity: ResourceIdentity): boolean {
    return this.#resources.has(identityOf(identity));
  }

  /** With the resources and Secrets of `posted` put in, over what `files` hold. */
  with(posted: readonly InputFile[], files: readonly InputFile[]): AppliedResources {
    const hashes = fileHashes(files);
    const resources = new Map(this.#resources);
    for (const { kind, name, document } of findDocuments(posted).documents) {
      const over = hashes.get(identityOf({ kind, name }));
      const text = toYaml(document.value);
      resources.set(identityOf({ kind, name }), { kind, name, text, ...(over === undefined ? {} : { over }) });
    }
    const secrets = new Map(this.#secrets);
    for (const [name, text] of secretsIn(posted)) secrets.set(name, text);
    return new AppliedResources([...resources.values()], secrets);
  }

  without(identity: ResourceIdentity): AppliedResources {
    const kept = [...this.#resources.values()].filter((one) => identityOf(one) !== identityOf(identity));
    return new AppliedResources(kept, this.#secrets);
  }

  /** Without those whose file has changed since. The same value when nothing changes. */
  whereFilesStand(files: readonly InputFile[]): AppliedResources {
    const hashes = fileHashes(files);
    const kept = [...this.#resources.values()].filter((one) => {
      const now = hashes.get(identityOf(one));
      return now === undefined || now === one.over;
    });
    return kept.length === this.#resources.size ? this : new AppliedResources(kept, this.#secrets);
  }
}

/** Every text in quotes: what YAML would take for a number or a word such as `yes` stays a text. */
function toYaml(value: unknown): string {
  return stringify(value, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', lineWidth: 0 });
}

/** Of each resource, the hash of the file it stands in. */
function fileHashes(files: readonly InputFile[]): ReadonlyMap<string, string> {
  return new Map(
    files.flatMap((file) => {
      const hash = createHash('sha256').update(file.text).digest('hex').slice(0, 32);
      return findDocuments([file]).documents.map((found: FoundDocument) => [identityOf(found), hash] as const);
    }),
  );
}

/** Secret manifests, by namespace and name. */
function secretsIn(files: readonly InputFile[]): readonly (readonly [string, string])[] {
  return files.flatMap(({ file, text }) =>
    parseYamlDocuments(text, file).documents.flatMap(({ value }) => {
      const { kind, metadata } = (value ?? {}) as {
        kind?: unknown;
        metadata?: { name?: unknown; namespace?: unknown };
      };
      if (kind !== 'Secret') return [];
      return [[`${String(metadata?.namespace ?? 'default')}/${String(metadata?.name)}`, toYaml(value)] as const];
    }),
  );
}
