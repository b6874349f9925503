import { request } from 'undici';
import { errorCode, errorMessage } from '../lib/index.ts';
import type { ErrorDocument } from '../server/index.ts';
import { type CliContext, CliError, interruptCode } from './context.ts';
import { EXIT } from './exit-code.ts';
import { findEngines, type RunningEngine } from './state-dir.ts';

/** The HTTP API of a running engine, as verbs use it. Failures become CliErrors with exit code 3. */
export interface ApiClient {
  readonly url: string;
  get<T>(path: string): Promise<T>;
  /** What the engine refuses is a CliError with exit code 1. */
  post<T>(path: string, body: unknown): Promise<T>;
}

const MAX_ANSWER_BYTES = 64 * 2 ** 20;
const TIMEOUT_MS = 10_000;

/** `url`, or SLUICE_API, or the newest engine that runs on this machine. */
export function apiClient(context: CliContext, url: string | undefined, chosen?: RunningEngine): ApiClient {
  const given = chosen?.api ?? url ?? context.env['SLUICE_API'];
  const engines = findEngines(context.env);
  const engine = chosen ?? engines.find(({ api }) => given === undefined || isSameAddress(api, given));
  const base = given ?? engine?.api;
  if (base !== undefined && !/^https?:$/.test(URL.parse(base)?.protocol ?? '')) {
    throw new CliError(EXIT.usage, 'SL0903', `--api takes a URL such as http://localhost:4390, got \`${base}\``);
  }
  if (base === undefined) {
    throw new CliError(EXIT.unreachable, 'SL0701', 'no engine runs on this machine', [
      'start one:  sluice up',
      'elsewhere:  add --api http://HOST:PORT',
    ]);
  }
  const headers = engine ? { authorization: `Bearer ${engine.token}` } : {};
  const call = async <T>(path: string, body?: string): Promise<T> => {
    try {
      const answer = await request(new URL(path, base), {
        headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { method: 'POST', body }),
        signal: context.interrupt,
        headersTimeout: TIMEOUT_MS,
        bodyTimeout: TIMEOUT_MS,
      });
      const text = await readBounded(answer.body);
      if (answer.statusCode === 200) return JSON.parse(text) as T;
      throw refusal(base, answer.statusCode, text);
    } catch (error) {
      if (error instanceof CliError) throw error;
      if (context.interrupt.aborted) throw new CliError(interruptCode(context), 'SL0702', 'stopped while waiting');
      throw noAnswer(base, error);
    }
  };
  return { url: base, get: call, post: (path, body) => call(path, JSON.stringify(body)) };
}

const NOT_DOABLE = 422;

function refusal(base: string, status: number, text: string): CliError {
  if (status === NOT_DOABLE) {
    const { code, message, help } = (JSON.parse(text) as ErrorDocument).error;
    return new CliError(EXIT.no, code, message, help === undefined ? [] : [help]);
  }
  return new CliError(EXIT.unreachable, 'SL0702', `${base} answered ${status}: ${errorText(text)}`, [
    'check that an engine of this version listens there:  sluice status --api http://HOST:PORT',
  ]);
}

/** Whether two URLs lead to the same listener of this machine. */
function isSameAddress(a: string, b: string): boolean {
  const [one, other] = [URL.parse(a), URL.parse(b)];
  const name = (url: URL | null) => (url?.hostname === 'localhost' ? '127.0.0.1' : url?.hostname);
  return one !== null && one.port === other?.port && name(one) === name(other);
}

function noAnswer(base: string, error: unknown): CliError {
  const why = errorCode(error) === 'ECONNREFUSED' ? 'refuses connections' : `does not answer: ${errorMessage(error)}`;
  return new CliError(EXIT.unreachable, 'SL0702', `the engine at ${base} ${why}`, [
    'start one:  sluice up',
    'elsewhere:  add --api http://HOST:PORT',
  ]);
}

async function readBounded(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new Error('the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function errorText(text: string): string {
  try {
    return (JSON.parse(text) as ErrorDocument).error.message;
  } catch {
    return text.slice(0, 200);
  }
}
