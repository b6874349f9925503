import { describe, expect, it } from 'vitest';

import { type HeaderFieldKind, headerField } from './header-field.ts';

describe('a header field', () => {
  it.each<[HeaderFieldKind, string, string]>([
    ['ordinary', 'grpc-timeout', '10S'],
    ['ordinary', 'x-tenant', ' spaces around it, as senders of telemetry have them '],
    ['ordinary', 'x-empty', ''],
    ['ordinary', 'te', 'trailers'],
    ['length', 'content-length', '0'],
    ['length', 'content-length', '20971520'],
    ['pseudo', ':path', '/v1/traces'],
    ['pseudo', ':what', 'no request has it'],
    ['malformed', '', 'x'],
    ['malformed', 'X-Tenant', 'x'],
    ['malformed', 'x tenant', 'x'],
    ['malformed', 'x-tenant:', 'x'],
    ['malformed', 'x-t\xe9nant', 'x'],
    ['malformed', 'x-tenant', 'one\r\nx-other: two'],
    ['malformed', ':path', '/v1/traces\0'],
    ['malformed', 'connection', 'close'],
    ['malformed', 'transfer-encoding', 'chunked'],
    ['malformed', 'te', 'trailers, deflate'],
    ['malformed', 'content-length', '-1'],
    ['malformed', 'content-length', '1e3'],
    ['malformed', 'content-length', ''],
    ['malformed', 'content-length', '99999999999999999999'],
  ])('is %s: "%s: %s"', (kind, name, value) => {
    expect(headerField(name, value).kind).toBe(kind);
  });

  it('has the size that HPACK gives it', () => {
    expect(headerField('custom-key', 'custom-value').sizeBytes).toBe(10 + 12 + 32);
  });
});
