import type { BackendFailureKind } from './backend-failure.ts';

/** What a failing backend does, said after its name, and the code that `sluice explain` knows. */
export const BACKEND_WORDS = {
  refused: { code: 'SL0501', phrase: 'refuses connections' },
  dns: { code: 'SL0502', phrase: 'cannot be found by name' },
  protocol: { code: 'SL0503', phrase: 'does not take OTLP by the configured protocol and path' },
  tls: { code: 'SL0504', phrase: 'does not agree on TLS' },
  certificate: { code: 'SL0505', phrase: 'shows a certificate that is not trusted' },
  credentials: { code: 'SL0506', phrase: 'does not accept the credentials' },
  rejected: { code: 'SL0507', phrase: 'rejects the data' },
  too_large: { code: 'SL0507', phrase: 'finds the requests too large' },
  timeout: { code: 'SL0508', phrase: 'does not answer in time' },
  reset: { code: 'SL0501', phrase: 'breaks connections off' },
  unavailable: { code: 'SL0508', phrase: 'is not available' },
  throttled: { code: 'SL0508', phrase: 'asks to slow down' },
  disk: { code: 'SL0605', phrase: 'cannot be written' },
} as const satisfies Record<BackendFailureKind, { readonly code: string; readonly phrase: string }>;
