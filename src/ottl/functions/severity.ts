import { type Argument, EvaluationError, type FunctionSpec } from '../function.ts';
import { isList, isMap, type MapValue, type Value } from '../value.ts';
import { getterOf, literalOf, parameters } from './argument.ts';
import { typeName } from './value-text.ts';

interface Criterion {
  readonly equals: readonly string[];
  readonly range?: { readonly min: bigint; readonly max: bigint };
}

type Levels = ReadonlyMap<string, readonly Criterion[]>;

export const SEVERITY_CONVERTERS: readonly FunctionSpec[] = [
  {
    name: 'ParseSeverity',
    parameters: parameters(['target', 'Getter'], ['mapping', 'PMapGetter']),
    doc: 'Gives the level whose texts ("equals") or numbers ("range") a value is among.',
    example:
      'ParseSeverity(404, {"error": [{"equals": ["err"]}, {"range": {"min": 400, "max": 599}}], "info": [{"range": "2xx"}]})',
    create([target, mapping]) {
      const read = getterOf(target);
      const levels = readMapping(mapping);
      return (row) => {
        if (levels instanceof Error) throw levels;
        return levelOf(read(row), levels);
      };
    },
  },
];

/** As upstream a mapping that cannot work fails when a row is evaluated, not when the statement is compiled. */
function readMapping(mapping: Argument): Levels | EvaluationError {
  const literal = literalOf<MapValue>(mapping);
  if (literal === undefined) return new EvaluationError('ParseSeverity: the mapping must be a literal map');
  try {
    return new Map([...literal.entries()].map(([level, criteria]) => [level, readCriteria(criteria)]));
  } catch (error) {
    if (error instanceof EvaluationError) return error;
    throw error;
  }
}

function readCriteria(criteria: Value): readonly Criterion[] {
  if (!isList(criteria)) throw invalid('a level has a list of criteria');
  return criteria.map((criterion) => {
    if (!isMap(criterion)) throw invalid('a criterion is a map');
    const range = criterion.has('range') ? readRange(criterion.get('range')) : undefined;
    return {
      equals: criterion.has('equals') ? readTexts(criterion.get('equals')) : [],
      ...(range !== undefined && { range }),
    };
  });
}

function readTexts(texts: Value): readonly string[] {
  if (!isList(texts) || !texts.every((text) => typeof text === 'string')) throw invalid('equals is a list of texts');
  return texts as string[];
}

function readRange(range: Value): NonNullable<Criterion['range']> {
  if (typeof range === 'string') {
    const [, hundred] = /^([2-5])xx$/.exec(range) ?? [];
    if (hundred === undefined) throw invalid(`there is no range ${range}`);
    return { min: BigInt(hundred) * 100n, max: BigInt(hundred) * 100n + 99n };
  }
  if (!isMap(range)) throw invalid('a range is a map or one of "2xx" to "5xx"');
  const min = range.get('min');
  const max = range.get('max');
  if (typeof min !== 'bigint' || typeof max !== 'bigint') throw invalid('a range has whole numbers min and max');
  return { min, max };
}

function invalid(message: string): EvaluationError {
  return new EvaluationError(`ParseSeverity: the mapping is invalid: ${message}`);
}

function levelOf(value: Value, levels: Levels): string {
  if (typeof value !== 'string' && typeof value !== 'bigint')
    throw new EvaluationError(`ParseSeverity: ${typeName(value)} is neither text nor whole number`);
  for (const [level, criteria] of levels) if (criteria.some((criterion) => fits(value, criterion))) return level;
  throw new EvaluationError(`ParseSeverity: no level is for ${String(value).slice(0, 100)}`);
}

function fits(value: string | bigint, { equals, range }: Criterion): boolean {
  if (typeof value === 'string') return equals.includes(value);
  return range !== undefined && value >= range.min && value <= range.max;
}
