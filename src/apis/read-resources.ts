import { type Issue, parseYamlDocuments, SourceDocument, type SourceFile } from '../diagnostics/index.ts';
import { checkLogParser, type LoadedLogParser } from './check-log-parser.ts';
import { checkManifest } from './check-manifest.ts';
import { checkTelemetry } from './check-telemetry.ts';
import { convertManifest } from './conversion.ts';
import { type Manifest, withDefaults } from './defaults.ts';
import { type Identified, identify } from './identify.ts';
import { maskedPlaces } from './masked-places.ts';
import { API_VERSION, type PipelineKind, type PipelineResource } from './resource.ts';
import { readSecret, SecretMap } from './secret.ts';
import type { SecretStore } from './secret-store.ts';
import type { Telemetry } from './telemetry.ts';

export interface TextFile {
  readonly file: string;
  readonly text: string;
}

/** A valid resource with its defaults, and the document it was written in. */
export interface LoadedResource {
  readonly resource: PipelineResource;
  readonly document: SourceDocument;
}

/** The settings of the installation, and the document they were written in. */
export interface LoadedTelemetry {
  readonly resource: Telemetry;
  readonly document: SourceDocument;
}

/** A pipeline that has an error, so that nothing more is known of it than who it is. */
export interface RejectedResource {
  readonly kind: PipelineKind;
  /** Empty when it has none. */
  readonly name: string;
  readonly issues: readonly Issue[];
}

export interface ReadOptions {
  /** Files that hold nothing but Secrets. They win over Secrets of the same name among the other files. */
  readonly secretFiles?: readonly TextFile[];
}

export interface ReadResources {
  /** In the order of the files and of the documents in them. What has an error is left out; the rest stay. */
  readonly resources: readonly LoadedResource[];
  /** What was left out of them, in the same order. */
  readonly rejected: readonly RejectedResource[];
  /** Valid LogParsers, by name. */
  readonly parsers: readonly LoadedLogParser[];
  /** The Telemetry named `default`, if there is a valid one. */
  readonly telemetry?: LoadedTelemetry;
  /** The Secrets in all files, their values decoded. */
  readonly secrets: SecretStore;
  /** In the order of the files, those of secrets first. */
  readonly issues: readonly Issue[];
  /** The files with the places that must not be printed: pass these to renderHuman. */
  readonly sources: readonly SourceFile[];
  /** Every pipeline found, the invalid ones included. */
  readonly resourceCount: number;
}

/** parse → validate → default, for all files at once: two resources of one kind must not share a name. */
export function readResources(files: readonly TextFile[], { secretFiles = [] }: ReadOptions = {}): ReadResources {
  const reading = new Reading();
  for (const file of secretFiles) reading.addSecretFile(file);
  for (const file of files) reading.addFile(file);
  return reading.result();
}

class Reading {
  readonly #resources: LoadedResource[] = [];
  readonly #rejected: RejectedResource[] = [];
  readonly #issues: Issue[] = [];
  readonly #sources: SourceFile[] = [];
  readonly #preferredSecrets = new SecretMap();
  readonly #secrets = new SecretMap();
  readonly #parsers: LoadedLogParser[] = [];
  #telemetry: LoadedTelemetry | undefined;
  #resourceCount = 0;

  addSecretFile(file: TextFile): void {
    for (const document of this.#parse(file)) {
      const found = identify(document);
      if ('code' in found) this.#issues.push(found);
      else if (found.kind === 'Secret') this.#addSecret(document, this.#preferredSecrets);
      else this.#issues.push(strangerIssue(found.kind, document));
    }
  }

  addFile(file: TextFile): void {
    for (const document of this.#parse(file)) {
      const found = identify(document);
      if ('code' in found) this.#issues.push(found);
      else this.#addFound(found, document);
    }
  }

  #addFound({ kind, apiVersion }: Identified, document: SourceDocument): void {
    switch (kind) {
      case 'Secret':
        return this.#addSecret(document, this.#secrets);
      case 'Telemetry':
        return this.#addTelemetry(apiVersion, document);
      case 'PipelineTest':
        return; // runs nowhere, so it may stand beside what it tests
      case 'LogParser':
        return this.#addLogParser(apiVersion, document);
      default:
        return this.#addPipeline(kind, apiVersion, document);
    }
  }

  result(): ReadResources {
    const [preferred, others] = [this.#preferredSecrets, this.#secrets];
    return {
      resources: this.#resources,
      parsers: [...this.#parsers].sort((a, b) => (a.parser.name < b.parser.name ? -1 : 1)),
      rejected: this.#rejected,
      ...(this.#telemetry ? { telemetry: this.#telemetry } : {}),
      secrets: { get: (namespace, name) => preferred.get(namespace, name) ?? others.get(namespace, name) },
      issues: this.#issues,
      sources: this.#sources,
      resourceCount: this.#resourceCount,
    };
  }

  #parse({ file, text }: TextFile): readonly SourceDocument[] {
    const parsed = parseYamlDocuments(text, file);
    const documents = parsed.documents.flatMap(itemsOf);
    this.#issues.push(...parsed.issues);
    this.#sources.push({ file, text, sensitive: maskedPlaces({ file, text }, documents, parsed.issues) });
    return documents;
  }

  #addSecret(document: SourceDocument, secrets: SecretMap): void {
    const { secret, issues } = readSecret(document);
    this.#issues.push(...issues);
    if (!secret) return;
    const first = secrets.add(secret, document);
    if (first) this.#issues.push(duplicateIssue(`Secret \`${secret.namespace}/${secret.name}\``, document, first));
  }

  #addTelemetry(apiVersion: string, document: SourceDocument): void {
    const found = checkTelemetry(apiVersion, document);
    this.#issues.push(...found);
    if (found.some(({ code, severity }) => severity === 'error' || code === 'SL0321')) return;
    const resource = withoutNulls({ spec: {}, ...(document.value as object) }) as Telemetry;
    const first = this.#telemetry;
    if (first) this.#issues.push(duplicateIssue('Telemetry `default`', document, first.document));
    else this.#telemetry = { resource: { ...resource, spec: resource.spec ?? {} }, document };
  }

  #addLogParser(apiVersion: string, document: SourceDocument): void {
    const { parser, issues } = checkLogParser(apiVersion, document);
    this.#issues.push(...issues);
    if (parser === undefined) return;
    const twin = this.#parsers.find((other) => other.parser.name === parser.name);
    if (twin) this.#issues.push(duplicateIssue(`LogParser \`${parser.name}\``, document, twin.document));
    else this.#parsers.push({ parser, document });
  }

  #addPipeline(kind: PipelineKind, apiVersion: string, written: SourceDocument): void {
    this.#resourceCount++;
    const { issues, document } = checkManifest(kind, apiVersion, written);
    this.#issues.push(...issues);
    if (issues.some((issue) => issue.severity === 'error')) {
      this.#rejected.push({ kind, name: nameOf(document), issues });
      return;
    }
    const manifest = convertManifest(withoutNulls(written.value) as object, API_VERSION);
    const resource = withDefaults(manifest as Manifest);
    const twin = this.#resources.find((other) => isSame(other.resource, resource));
    if (twin) this.#issues.push(duplicateIssue(`${kind} \`${resource.metadata.name}\``, document, twin.document));
    else this.#resources.push({ resource, document });
  }
}

/** A list, as `kubectl get -o yaml` writes it, stands for its items; any other document for itself. */
function itemsOf(document: SourceDocument): readonly SourceDocument[] {
  const { kind, items } = (document.value ?? {}) as { readonly kind?: unknown; readonly items?: unknown };
  const nodes = document.root.children?.get('items')?.children;
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items) || !nodes) return [document];
  return [...nodes.values()].map((node) => new SourceDocument(document.file, node));
}

function nameOf({ value }: SourceDocument): string {
  const { metadata } = (value ?? {}) as { readonly metadata?: { readonly name?: unknown } | null };
  return typeof metadata?.name === 'string' ? metadata.name : '';
}

function isSame(a: PipelineResource, b: PipelineResource): boolean {
  return a.kind === b.kind && a.metadata.name === b.metadata.name;
}

/** `subject` is the kind and name that both have. */
function duplicateIssue(subject: string, document: SourceDocument, first: SourceDocument): Issue {
  const path = ['metadata', 'name'];
  const firstSpan = first.spanOf(path);
  return {
    code: 'SL0403',
    severity: 'error',
    message: `${subject} is defined twice`,
    path,
    span: document.spanOf(path) ?? document.nearestSpan(path),
    label: 'the second one is left out',
    ...(firstSpan ? { related: [{ span: firstSpan, label: 'first defined here' }] } : {}),
    help: 'rename or remove one of the two',
  };
}

function strangerIssue(kind: string, document: SourceDocument): Issue {
  const path = ['kind'];
  return {
    code: 'SL0117',
    severity: 'warning',
    message: `${kind} in a file of Secrets is left out`,
    path,
    span: document.spanOf(path) ?? document.nearestSpan(path),
    label: 'not a Secret',
    help: 'give the file with `-f` as well, or move the resource to another file',
  };
}

/** Kubernetes drops fields without a value before it fills in defaults. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, child]) => child !== null);
  return Object.fromEntries(kept.map(([key, child]) => [key, withoutNulls(child)]));
}
