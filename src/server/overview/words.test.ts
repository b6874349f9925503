import { describe, expect, it } from 'vitest';
import { sentence } from './words.ts';

describe('sentence', () => {
  it.each([
    ['the backend is away', 'The backend is away.'],
    ['what now?', 'What now?'],
    ['localhost:4317 answered HTTP/1.1', 'localhost:4317 answered HTTP/1.1.'],
    ['backend.example.com is not a name', 'backend.example.com is not a name.'],
    ['', ''],
  ])('%s → %s', (text, expected) => {
    expect(sentence(text)).toBe(expected);
  });
});
