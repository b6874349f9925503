import { errorCode } from '../../lib/index.ts';
import { GRPC_CODE } from '../request.ts';
import type { Authenticate } from '../security.ts';
import type { Exchange } from './exchange.ts';
import { type ErrorResponse, errorResponse } from './ingest.ts';

const RETRY_MS = 1000;

export type Admission = ErrorResponse | undefined;

/** Asks whether the sender may send; undefined lets it in. Never throws or rejects: an authenticator that does lets nobody in. */
export function admit(authenticate: Authenticate, exchange: Exchange): Admission | Promise<Admission> {
  try {
    const answer = authenticate(exchange.metadata());
    return answer instanceof Promise ? answer.then(refusal, broken) : refusal(answer);
  } catch (error) {
    return broken(error);
  }
}

function refusal(problem: string | undefined): Admission {
  return problem === undefined ? undefined : errorResponse(GRPC_CODE.unauthenticated, problem);
}

function broken(error: unknown): ErrorResponse {
  const reason = errorCode(error) ?? 'internal error';
  return errorResponse(
    GRPC_CODE.unavailable,
    `who the sender is could not be found out (${reason}), retry in 1 s`,
    RETRY_MS,
  );
}
