import type { BackendFailure } from '../../flow/index.ts';
import { CodedError, errorCode } from '../../lib/index.ts';
import type { RequestCredentials } from '../security.ts';
import { failure } from './failure.ts';

type Headers = Readonly<Record<string, string>>;

/** What one request carries, or why it cannot be sent. */
export type CredentialHeaders = { readonly headers: Headers } | { readonly failure: BackendFailure };

/** Never rejects. Names in lower case; those the protocol needs for itself are left out. */
export async function credentialHeaders(
  credentials: RequestCredentials,
  isReserved: (name: string) => boolean,
): Promise<CredentialHeaders> {
  try {
    const headers = await credentials.headers();
    const own = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
    return { headers: Object.fromEntries(own.filter(([name]) => !isReserved(name))) };
  } catch (error) {
    // Only a CodedError's message is made for people, and without secrets.
    const message =
      error instanceof CodedError
        ? error.message
        : `no credentials to send with (${errorCode(error) ?? 'internal error'})`;
    return { failure: failure('credentials', message) };
  }
}

export function areSame(a: Headers, b: Headers): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
