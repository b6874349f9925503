import {
  type CompiledCondition,
  type CompiledGroup,
  compileEditor,
  compileGroup,
  type FunctionEnvironment,
  failureOf,
  type RequestEditor,
  RequestLimitError,
  type Row,
  type RowStep,
} from '../ottl/index.ts';
import type { PipelineGraph, ProcessorNode } from '../pipeline/index.ts';
import type { Item } from './item.ts';
import { decodeItems, encodeItem } from './otlp-item.ts';
import type { ItemOutcome, Preview, Rule } from './outcome.ts';
import { changesBetween, valuesOf } from './values.ts';

interface Step {
  readonly step: RowStep;
  readonly isFilter: boolean;
}

/** Neighbouring filters on the same rows are asked in one walk: they change nothing that the others see. */
function joinedWalks(steps: readonly Step[]): RowStep[][] {
  const walks: RowStep[][] = [];
  for (const [at, { step, isFilter }] of steps.entries()) {
    const before = steps[at - 1];
    const joins = isFilter && before?.isFilter === true && before.step.context === step.context;
    if (joins) walks.at(-1)!.push(step);
    else walks.push([step]);
  }
  return walks;
}

/**
 * What the rules of a pipeline do to each item, alone. The rules are those of the engine, run as it runs them: what cannot be
 * evaluated for an item counts as not there. Throws a CodedError `invalid_item` for an item that is no OTLP.
 */
export function previewPipeline(
  graph: Pick<PipelineGraph, 'signal' | 'processors'>,
  items: readonly Item[],
  environment: FunctionEnvironment,
): Preview {
  const rehearsal = new Rehearsal(graph, environment);
  const outcomes = items.map((item) => rehearsal.rehearse(item));
  const matched = countOf(outcomes.flatMap((outcome) => outcome.matched));
  const failed = countOf(outcomes.flatMap((outcome) => outcome.failed));
  return {
    signal: graph.signal,
    rules: rehearsal.rules.map((rule, index) => ({
      ...rule,
      matched: matched.get(index) ?? 0,
      failed: failed.get(index) ?? 0,
      ...rehearsal.errorOf(index),
    })),
    items: outcomes,
  };
}

function countOf(rules: readonly number[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const rule of rules) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  return counts;
}

class Rehearsal {
  readonly rules: Rule[] = [];
  readonly #signal: PipelineGraph['signal'];
  readonly #editor: RequestEditor;
  readonly #errors = new Map<number, string>();
  /** Of the item under way. */
  #matched = new Set<number>();
  #failed = new Set<number>();
  #droppedBy: number | undefined;

  constructor({ signal, processors }: Pick<PipelineGraph, 'signal' | 'processors'>, environment: FunctionEnvironment) {
    this.#signal = signal;
    const counts = { transform: 0, filter: 0 };
    const steps = processors.map((node) => ({
      step: this.#step(node, counts[node.type]++, environment),
      isFilter: node.type === 'filter',
    }));
    this.#editor = compileEditor(signal, joinedWalks(steps));
  }

  errorOf(rule: number): { readonly error?: string } {
    const error = this.#errors.get(rule);
    return error === undefined ? {} : { error };
  }

  rehearse(item: Item): ItemOutcome {
    this.#matched = new Set();
    this.#failed = new Set();
    this.#droppedBy = undefined;
    const request = encodeItem(item);
    const [before = item] = decodeItems(this.#signal, request);
    const after = this.#edited(request);
    return {
      before,
      after,
      ...(after.length > 0 || this.#droppedBy === undefined ? {} : { droppedBy: this.#droppedBy }),
      changes: after[0] === undefined ? [] : changesBetween(valuesOf(before), valuesOf(after[0])),
      matched: [...this.#matched],
      failed: [...this.#failed],
    };
  }

  /** What the engine would refuse as a whole is dropped, by the rule that passed the limit. */
  #edited(request: Uint8Array): readonly Item[] {
    try {
      const { bytes } = this.#editor(request);
      return bytes.length === 0 ? [] : decodeItems(this.#signal, bytes);
    } catch (error) {
      if (!(error instanceof RequestLimitError)) throw error;
      this.#droppedBy = [...this.#failed].at(-1);
      return [];
    }
  }

  #step(node: ProcessorNode, index: number, environment: FunctionEnvironment): RowStep {
    const statements = node.type === 'transform' ? node.statements : [];
    const group = { signal: this.#signal, for: node.type, conditions: node.conditions, statements } as const;
    const compiled = compileGroup(group, environment);
    const first = this.rules.length;
    const field = `spec.${node.type}[${index}]`;
    const rule = (part: Rule['part']) => (text: string, at: number) =>
      this.rules.push({ field: `${field}.${part}s[${at}]`, stage: node.type, part, text });
    node.conditions.forEach(rule('condition'));
    statements.forEach(rule('statement'));
    const visit = node.type === 'filter' ? this.#filter(compiled, first) : this.#transform(compiled, first);
    return { context: compiled.context, visit, removesEmpty: node.type === 'filter' };
  }

  #filter({ conditions }: CompiledGroup, first: number) {
    return (row: Row): boolean => {
      const met = this.#firstMet(conditions, first, row);
      if (met !== undefined) this.#droppedBy = met;
      return met === undefined;
    };
  }

  #transform({ conditions, statements }: CompiledGroup, first: number) {
    return (row: Row): boolean => {
      if (conditions.length > 0 && this.#firstMet(conditions, first, row) === undefined) return true;
      statements.forEach((statement, index) => {
        this.#try(first + conditions.length + index, row, () => statement.run(row));
      });
      return true;
    };
  }

  /** As the processors do, the others are not asked. */
  #firstMet(conditions: readonly CompiledCondition[], first: number, row: Row): number | undefined {
    const met = conditions.findIndex((condition, index) => this.#try(first + index, row, () => condition.test(row)));
    return met < 0 ? undefined : first + met;
  }

  #try(rule: number, row: Row, run: () => boolean): boolean {
    try {
      const matched = run();
      if (matched) this.#matched.add(rule);
      return matched;
    } catch (error) {
      const failure = failureOf(error, row);
      this.#failed.add(rule);
      if (!this.#errors.has(rule)) this.#errors.set(rule, failure.message);
      if (failure instanceof RequestLimitError) throw failure;
      return false;
    }
  }
}
