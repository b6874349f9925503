import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { snippets } from './snippets.ts';

const standard = { grpc: 'localhost:4317', http: 'http://localhost:4318', ui: '' };
const moved = { grpc: 'localhost:4417', http: 'http://localhost:4418', ui: '' };
const textOf = (id: string, endpoints: typeof standard) =>
  snippets(endpoints, './bin/sluice').find((snippet) => snippet.id === id)?.text ?? '';

describe('snippets', () => {
  it('leave the endpoint out where the SDK finds it by itself', () => {
    expect(textOf('node', standard)).not.toContain('ENDPOINT');
    expect(textOf('python', standard)).not.toContain('ENDPOINT');
    expect(textOf('gen', standard)).toBe('./bin/sluice gen all --once');
  });

  it('name the ports of this server when they are others', () => {
    for (const { id, text } of snippets(moved, 'sluice')) {
      expect(text, id).toMatch(/localhost:441[78]/);
      expect(text, id).not.toMatch(/localhost:43/);
    }
  });

  it('are valid shell, and the payloads of curl are valid JSON', () => {
    for (const { id, text } of snippets(moved, 'sluice')) {
      expect(() => execFileSync('sh', ['-n'], { input: text }), id).not.toThrow();
    }
    const script = textOf('curl', moved).replaceAll('curl -sS', 'printf "%s\\n"');
    const lines = execFileSync('sh', { input: script, encoding: 'utf8' }).split('\n');
    const bodies = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    expect(bodies.map((body) => Object.keys(body)[0])).toEqual(['resourceSpans', 'resourceMetrics', 'resourceLogs']);
    expect(bodies[0].resourceSpans[0].scopeSpans[0].spans[0].startTimeUnixNano).toMatch(/^\d{19}$/);
  });
});
