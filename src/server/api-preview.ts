/** Trying the rules of a pipeline on data, without running them. */
import type { Issue } from '../diagnostics/index.ts';
import type { PipelineKind } from './api-pipeline.ts';

/** POST /api/v1/preview */
export interface PreviewRequest {
  /** YAML with the pipeline; nothing else in it is looked at. */
  readonly text: string;
  /** Which pipeline of the text; without: the first. */
  readonly kind?: string;
  readonly name?: string;
  /** The newest items that the viewer keeps, or a text of OTLP/JSON. */
  readonly input: { readonly last: number } | { readonly otlpJson: string };
}

/** What the rules did to each item, alone, before anything else of the pipeline. */
export interface PreviewDocument {
  /** Absent: the text holds no valid pipeline; `issues` say why. */
  readonly pipeline?: { readonly kind: PipelineKind; readonly name: string };
  readonly in: number;
  readonly out: number;
  readonly dropped: number;
  readonly ruleCount: number;
  /** In their order; of very many those that did something, then from the top. */
  readonly rules: readonly PreviewRule[];
  readonly items: readonly PreviewItem[];
  readonly issues: readonly Issue[];
  /** Where the text of OTLP/JSON is none. */
  readonly inputProblem?: string;
}

export interface PreviewRule {
  /** `spec.transform[0].statements[1]` */
  readonly field: string;
  readonly stage: 'transform' | 'filter';
  readonly part: 'statement' | 'condition';
  readonly text: string;
  /** In the text that was sent. */
  readonly line?: number;
  /** Items it ran on, or was true for. */
  readonly matched: number;
  /** Items for which it could not be evaluated, as if it were not there; `error` says why, the first time. */
  readonly failed: number;
  readonly error?: string;
}

export interface PreviewItem {
  /** `span "GET /checkout"` */
  readonly title: string;
  readonly verdict: 'unchanged' | 'changed' | 'dropped';
  /** Places in `rules`. */
  readonly droppedBy?: number;
  readonly failed: readonly number[];
  /** Long values are cut. */
  readonly changes: readonly PreviewChange[];
  /** Every value before, by the path a rule names it with. */
  readonly values: readonly { readonly path: string; readonly value: string }[];
  /** A PipelineTest, as YAML, that says what became of it; absent where none can say it, and for a very large item. */
  readonly test?: string;
}

export interface PreviewChange {
  readonly path: string;
  /** Absent: there was none. */
  readonly before?: string;
  /** Absent: it is gone. */
  readonly after?: string;
}
