import { type LoadedResource, type LoadedTelemetry, type LogParser, readResources } from '../../apis/index.ts';
import type { Issue } from '../../diagnostics/index.ts';
import { errorMessage } from '../../lib/index.ts';
import { type CertificateFacts, type FluentBitGraph, type PipelineGraph, resolve } from '../../pipeline/index.ts';
import type { ClusterSnapshot, SecretView } from './cluster-snapshot.ts';
import { Memo } from './memo.ts';
import { secretKey, secretReferences } from './secret-references.ts';
import { manifestFile, type WrittenManifest } from './written-manifest.ts';

/** What one generation of a pipeline comes to, looked at alone. */
export interface EvaluatedPipeline {
  /** Absent when it has an error. */
  readonly loaded?: Pick<LoadedResource, 'resource'>;
  readonly graph?: PipelineGraph;
  readonly fluentBit?: FluentBitGraph;
  readonly issues: readonly Issue[];
  /** Versions of the Secrets that it names. */
  readonly secrets: string;
}

export interface EvaluatedParser {
  readonly parser?: LogParser;
  readonly issues: readonly Issue[];
}

export interface EvaluatedTelemetry {
  readonly telemetry?: LoadedTelemetry;
  readonly issues: readonly Issue[];
}

const HOUR_MS = 3_600_000;

/** Reads and resolves single resources. Pure but for what it remembers: the same arguments, the same answer. */
export class Evaluator {
  readonly #pipelines = new Memo<EvaluatedPipeline>();
  readonly #parsers = new Memo<EvaluatedParser>();
  readonly #telemetries = new Memo<EvaluatedTelemetry>();
  readonly #certificates: CertificateFacts;

  constructor(certificates: CertificateFacts) {
    this.#certificates = certificates;
  }

  /** Pipelines that had to be compiled since the start. */
  get compilations(): number {
    return this.#pipelines.misses;
  }

  pipeline(
    manifest: WrittenManifest,
    parsers: readonly LogParser[],
    { secrets, nowMs }: Pick<ClusterSnapshot, 'secrets' | 'nowMs'>,
  ): EvaluatedPipeline {
    return guarded<EvaluatedPipeline>(manifest, { issues: [], secrets: '' }, () => {
      const { file, text } = manifestFile(manifest);
      const versions = secretVersions(manifest, secrets);
      // Certificates may expire at any moment; to the hour is told early enough.
      const hour = Math.floor(nowMs / HOUR_MS);
      const parserKey = manifest.kind === 'LogPipeline' ? JSON.stringify(parsers) : '';
      return this.#pipelines.get(JSON.stringify([text, versions, hour, parserKey]), () => {
        const { resources, issues } = readResources([{ file, text }]);
        const [loaded] = resources;
        if (loaded === undefined || hasErrors(issues)) return { issues, secrets: versions };
        const resolved = resolve(loaded, {
          secrets: { get: (namespace, name) => secrets.get(namespace, name)?.values },
          secretsRequired: true,
          certificates: this.#certificates,
          nowMs: hour * HOUR_MS,
          cluster: true,
          parsers,
        });
        // Without the document, which is the larger part and nobody needs any more.
        const { resource } = loaded;
        return { ...resolved, loaded: { resource }, issues: [...issues, ...resolved.issues], secrets: versions };
      });
    });
  }

  parser(manifest: WrittenManifest): EvaluatedParser {
    return guarded<EvaluatedParser>(manifest, { issues: [] }, () => {
      const file = manifestFile(manifest);
      return this.#parsers.get(file.text, () => {
        const { parsers, issues } = readResources([file]);
        const [found] = parsers;
        return { ...(found === undefined ? {} : { parser: found.parser }), issues };
      });
    });
  }

  telemetry(manifest: WrittenManifest): EvaluatedTelemetry {
    return guarded<EvaluatedTelemetry>(manifest, { issues: [] }, () => {
      const file = manifestFile(manifest);
      return this.#telemetries.get(file.text, () => {
        const { telemetry, issues } = readResources([file]);
        return { ...(telemetry === undefined ? {} : { telemetry }), issues };
      });
    });
  }

  /** To be called after each round: what it did not ask for is forgotten. */
  sweep(): void {
    for (const memo of [this.#pipelines, this.#parsers, this.#telemetries]) memo.sweep();
  }
}

export function hasErrors(issues: readonly Issue[]): boolean {
  return issues.some(({ severity }) => severity === 'error');
}

export function secretVersions(manifest: WrittenManifest, secrets: SecretView): string {
  return secretReferences(manifest.spec)
    .map((secret) => `${secretKey(secret)}@${secrets.get(secret.namespace, secret.name)?.version ?? ''}`)
    .join(' ');
}

/** A bug that one resource meets is that resource's issue, and nobody else's. */
function guarded<T extends { readonly issues: readonly Issue[] }>(
  manifest: WrittenManifest,
  empty: T,
  evaluate: () => T,
): T {
  try {
    return evaluate();
  } catch (error) {
    return { ...empty, issues: [compilerFault(manifest, error)] };
  }
}

export function compilerFault({ kind, metadata }: WrittenManifest, error: unknown): Issue {
  return {
    code: 'SL0000',
    severity: 'error',
    message: `${kind} \`${metadata.name}\` could not be compiled and is left out`,
    notes: [errorMessage(error)],
    help: 'this is a bug; the other pipelines run',
  };
}
