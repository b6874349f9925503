import { describe, expect, it } from 'vitest';
import { ottlPlace } from '../../../test/testkit/ottl-place.ts';
import { EvaluationError } from '../function.ts';
import { rowOf } from './index.ts';

describe('rowOf', () => {
  it('gives a row that paths read and write', () => {
    const row = rowOf('span', {
      span: { name: 'GET /', kind: 2, attributes: { a: 'x', n: 1n, m: { b: true } }, status: { code: 2 } },
      resource: { attributes: { 'service.name': 'shop' } },
    });
    const get = (path: string) => ottlPlace('span', path).get(row);
    expect(get('span.name')).toBe('GET /');
    expect(get('span.kind')).toBe(2n);
    expect(get('span.kind.string')).toBe('Server');
    expect(get('span.attributes["n"]')).toBe(1n);
    expect(get('span.status.code')).toBe(2n);
    ottlPlace('span', 'resource.attributes["service.name"]').set!(row, 'till');
    expect(ottlPlace('span', 'resource.attributes["service.name"]').get(row)).toBe('till');
    expect(() => ottlPlace('span', 'span.flags').set!(row, -1n)).toThrow(EvaluationError);
  });
});
