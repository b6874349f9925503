import { ApiError, type ApiErrorCause } from './api-error.ts';
import type { HttpAnswer } from './transport.ts';

/** Beyond this nothing is read: the largest page of a list. */
export const MAX_ANSWER_BYTES = 32 * 2 ** 20;

/** `code` of the ApiError of an answer that is too large. */
export const TOO_LARGE = 'AnswerTooLarge';

const MESSAGE_LENGTH = 500;

/** The whole body. Rejects with an ApiError `AnswerTooLarge` when it is longer than `maxBytes`. */
export async function readText({ body, statusCode }: HttpAnswer, maxBytes = MAX_ANSWER_BYTES): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) {
      throw new ApiError({
        status: statusCode,
        reason: TOO_LARGE,
        message: `the answer has more than ${maxBytes} bytes`,
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function isSuccess({ statusCode }: HttpAnswer): boolean {
  return statusCode >= 200 && statusCode < 300;
}

/** What the answer's Status says, or the first words of a body that is none. */
export function errorOf(answer: HttpAnswer, text: string): ApiError {
  const asked = retryAfterOf(answer);
  const status = parseStatus(text);
  if (status !== undefined) return statusError(status, answer.statusCode, asked);
  return new ApiError({
    status: answer.statusCode,
    reason: '',
    message: `the API server answered ${answer.statusCode}: ${text.slice(0, MESSAGE_LENGTH).trim()}`,
    ...(asked !== undefined && { retryAfterMs: asked }),
  });
}

/** Source: meta/v1 Status. */
interface Status {
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: {
    readonly causes?: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[];
    readonly retryAfterSeconds?: number;
  };
}

/** The ApiError of a Status object, as answers and ERROR events of watches carry it. */
export function statusError(status: Status, httpStatus = 500, retryAfterMs?: number): ApiError {
  const { code, reason = '', message = '', details } = status;
  const waitMs = retryAfterMs ?? (details?.retryAfterSeconds ? details.retryAfterSeconds * 1000 : undefined);
  return new ApiError({
    status: code ?? httpStatus,
    reason,
    message,
    causes: (details?.causes ?? []).map(
      (cause): ApiErrorCause => ({
        reason: cause.reason ?? '',
        message: cause.message ?? '',
        ...(cause.field !== undefined && { field: cause.field }),
      }),
    ),
    ...(waitMs !== undefined && { retryAfterMs: waitMs }),
  });
}

function parseStatus(text: string): Status | undefined {
  try {
    const parsed = JSON.parse(text) as { readonly kind?: unknown } | null;
    return parsed?.kind === 'Status' ? (parsed as Status) : undefined;
  } catch {
    return undefined;
  }
}

/** In seconds; the API server sends no dates. */
function retryAfterOf({ headers }: HttpAnswer): number | undefined {
  const value = Number(headers['retry-after']);
  return Number.isFinite(value) && value >= 0 ? value * 1000 : undefined;
}
