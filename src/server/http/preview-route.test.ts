import { afterEach, describe, expect, it } from 'vitest';
import { API_TOKEN, type ApiServer, startApiServer } from '../../../test/testkit/api-server.ts';
import type { PreviewDocument, PreviewRequest } from '../api.ts';

const NOTHING: PreviewDocument = { in: 0, out: 0, dropped: 0, ruleCount: 0, rules: [], items: [], issues: [] };

describe('POST /api/v1/preview', () => {
  let api: ApiServer | undefined;

  afterEach(async () => {
    await api?.close();
  });

  async function post(body: unknown, preview?: (request: PreviewRequest) => PreviewDocument) {
    api = await startApiServer(preview === undefined ? {} : { preview });
    const headers = { authorization: `Bearer ${API_TOKEN}`, 'content-type': 'application/json' };
    return api.call('/api/v1/preview', { method: 'POST', body: JSON.stringify(body), headers });
  }

  it('hands on the text, which pipeline is meant, and the data', async () => {
    const seen: PreviewRequest[] = [];
    const answer = await post({ text: 'kind: X', kind: 'X', name: 'a', input: { last: 5, other: 1 } }, (request) => {
      seen.push(request);
      return NOTHING;
    });
    expect(answer.status).toBe(200);
    expect(seen).toEqual([{ text: 'kind: X', kind: 'X', name: 'a', input: { last: 5 } }]);
  });

  it.each([
    [{ text: 'x' }, '`input` must be'],
    [{ text: 'x', input: { last: -1 } }, '`input` must be'],
    [{ text: 'x', input: { last: 1.5 } }, '`input` must be'],
    [{ input: { last: 1 } }, '`text` must be a text'],
    [{ text: 'x', kind: 3, input: { last: 1 } }, '`kind` must be a text'],
  ])('refuses %j', async (body, message) => {
    const answer = await post(body, () => NOTHING);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.json)).toContain(message);
  });

  it('is not there where nothing tries rules', async () => {
    expect((await post({ text: 'x', input: { last: 1 } })).status).toBe(404);
  });
});
