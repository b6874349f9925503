import { envRef } from '../../otelcol/index.ts';
import type { PipelineGraph, SecretText } from '../../pipeline/index.ts';
import { type SecretField, secretVariable } from './secret-names.ts';

/** References to the secrets of one pipeline, with what they stand for. */
export class SecretRefs {
  readonly secrets: Record<string, SecretText> = {};
  readonly #graph: PipelineGraph;

  constructor(graph: PipelineGraph) {
    this.#graph = graph;
  }

  ref(field: SecretField, secret: SecretText): ReturnType<typeof envRef> {
    const variable = secretVariable(this.#graph, field);
    this.secrets[variable] = secret;
    return envRef(variable);
  }

  /** What the user wrote as it is, what a Secret holds as a reference. */
  text(field: SecretField, text: string | SecretText): string | ReturnType<typeof envRef> {
    return typeof text === 'string' ? text : this.ref(field, text);
  }
}
