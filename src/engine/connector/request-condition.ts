import { CodedError } from '../../lib/index.ts';
import type { RequestMetadata } from '../../otlp/index.ts';

export type RequestCondition = (metadata: RequestMetadata) => boolean;

const SHAPE = 'must have the form request["<name>"] == "<value>", or != in place of ==';

/**
 * A condition of the routing connector's context `request`. True when one of the header's values passes the comparison; a header
 * that was not sent passes none, `!=` included. Throws CodedError `invalid_condition` where the Collector refuses to start.
 * Source: routingconnector request.go at 0.149, whose expressions are not anchored either.
 */
export function parseRequestCondition(condition: string): RequestCondition {
  const comparators = condition.match(/==|!=/g) ?? [];
  if (comparators.length > 1) throw invalid('has more than one comparator');
  const [comparator] = comparators;
  if (comparator === undefined) throw invalid(SHAPE);
  const [field = '', text = ''] = condition.split(comparator).map((part) => part.trim());
  if (!/request\[".*"\]/.test(field) || !/".*"/.test(text)) throw invalid(SHAPE);
  const name = field
    .replace(/^request\["/, '')
    .replace(/"\]$/, '')
    .toLowerCase();
  const expected = text.replace(/^"/, '').replace(/"$/, '');
  const passes = comparator === '==' ? (value: string) => value === expected : (value: string) => value !== expected;
  return (metadata) => (Object.hasOwn(metadata, name) ? metadata[name]!.some(passes) : false);
}

function invalid(complaint: string): CodedError {
  return new CodedError('invalid_condition', complaint);
}
