import { expect, it } from 'vitest';
import { describeEndpoint } from './destination.ts';

it.each([
  ['backend:4317', 'backend:4317'],
  ['https://backend.example.com/', 'backend.example.com'],
  ['http://user:secret@backend:4318/otlp', 'backend:4318/otlp'],
  ['HTTP://user:secret@backend:4318', 'backend:4318'],
  ['http://user:sec@ret@backend:4318', 'backend:4318'],
  ['user:secret@backend:4317', 'backend:4317'],
  ['https://backend/v1?token=secret#secret', 'backend/v1'],
  ['dns:///backend:4317', 'backend:4317'],
])('%s is shown as %s', (endpoint, shown) => {
  expect(describeEndpoint(endpoint, 'gRPC')).toBe(`${shown} (gRPC)`);
});
