import type { CertificateFacts } from './certificate-facts.ts';
import type { TextProblem } from './secret-values.ts';

const DAY_MS = 86_400_000;
/** Upstream tells two weeks ahead. */
const AHEAD_MS = 14 * DAY_MS;

/** Whose certificates: a client shows its first, and one valid CA of several is enough. */
export type CertificateRole = 'client' | 'ca';

/** Whether a certificate has ended, which is an error, or soon will, which is told; undefined where neither or nobody knows. */
export function expiryProblem(
  pem: string,
  role: CertificateRole,
  { certificates, nowMs }: { readonly certificates?: CertificateFacts; readonly nowMs?: number },
): TextProblem | undefined {
  const expiries = certificates?.expiries(pem) ?? [];
  if (expiries.length === 0 || nowMs === undefined) return undefined;
  const endMs = role === 'ca' ? Math.max(...expiries) : expiries[0]!;
  const date = new Date(endMs).toISOString().slice(0, 16).replace('T', ' ');
  if (endMs <= nowMs) {
    return {
      code: 'SL0409',
      message: `expired at ${date} UTC (TLSCertificateExpired)`,
      help: 'renew it; the pipeline is left out until then',
    };
  }
  if (endMs - nowMs > AHEAD_MS) return undefined;
  const days = Math.floor((endMs - nowMs) / DAY_MS);
  const left = days === 0 ? 'today or tomorrow' : days === 1 ? 'in one day' : `in ${days} days`;
  return {
    code: 'SL0410',
    severity: 'warning',
    message: `expires ${left}, at ${date} UTC (TLSCertificateAboutToExpire)`,
    help: 'renew it; the pipeline is left out from then on',
  };
}
