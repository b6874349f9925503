import { type Clock, CodedError, errorCode, errorMessage } from '../../lib/index.ts';
import { type ClientTls, hideSecrets, type RequestCredentials } from '../../otlp/index.ts';
import { postForm, type TokenAnswer } from './token-request.ts';

export interface TokenSourceOptions {
  readonly tokenUrl: string;
  /** Asked before every request for a token; may throw CodedErrors. */
  client(): { readonly id: string; readonly secret: string };
  readonly scopes: readonly string[];
  readonly endpointParams: Readonly<Record<string, readonly string[]>>;
  /** Asked before every request for a token. */
  tls(): ClientTls;
  readonly timeoutMs: number;
  /** A token is not used this long before it expires, but for at least half of its time. */
  readonly expiryBufferMs: number;
  readonly clock: Clock;
}

interface Token {
  readonly authorization: string;
  readonly obtainedAtMs: number;
  readonly useUntilMs: number;
}

const LONGEST_QUOTE = 200;

/** A token that was refused is kept this long: a backend that refuses every token must not flood the token endpoint. */
const SHORTEST_USE_MS = 1000;

/**
 * Tokens by OAuth 2.0's client credentials grant (RFC 6749, 4.4): one at a time is asked for however many requests wait,
 * and kept until shortly before it expires. Failures are CodedErrors `no_token`; no secret is in their messages.
 */
export class TokenSource implements RequestCredentials {
  readonly #options: TokenSourceOptions;
  #token: Token | undefined;
  #asking: Promise<Token> | undefined;
  /** RFC 6749 has two places for the client's secret; the one that the endpoint took. Source: oauth2 AuthStyleAutoDetect. */
  #secretIn: 'header' | 'form' | undefined;
  readonly #closed = new AbortController();

  constructor(options: TokenSourceOptions) {
    this.#options = options;
  }

  headers(): Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>> {
    const token = this.#token;
    if (token !== undefined && this.#options.clock.monotonicMs() < token.useUntilMs) return headersWith(token);
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking.then(headersWith);
  }

  rejected(): void {
    const token = this.#token;
    if (token === undefined || this.#options.clock.monotonicMs() - token.obtainedAtMs < SHORTEST_USE_MS) return;
    this.#token = undefined;
  }

  close(): void {
    this.#closed.abort();
  }

  async #ask(): Promise<Token> {
    const { tokenUrl, clock } = this.#options;
    const client = this.#options.client();
    const late = new AbortController();
    const timer = clock.after(this.#options.timeoutMs, () => late.abort());
    try {
      const answer = await this.#askInBothWays(client, AbortSignal.any([late.signal, this.#closed.signal]));
      this.#token = this.#tokenOf(answer, client);
      return this.#token;
    } catch (cause) {
      if (errorCode(cause) === 'no_token') throw cause;
      const why = late.signal.aborted
        ? 'did not answer in time'
        : `cannot be asked: ${errorCode(cause) ?? errorMessage(cause)}`;
      throw noToken(`the token endpoint ${endpointName(tokenUrl)} ${why}`, cause);
    } finally {
      timer.cancel();
    }
  }

  async #askInBothWays(client: Client, signal: AbortSignal): Promise<TokenAnswer> {
    const first = await this.#post(client, this.#secretIn ?? 'header', signal);
    if (isSuccess(first) || this.#secretIn !== undefined) {
      if (isSuccess(first)) this.#secretIn ??= 'header';
      return first;
    }
    const second = await this.#post(client, 'form', signal);
    if (isSuccess(second)) this.#secretIn = 'form';
    return second;
  }

  #post({ id, secret }: Client, place: 'header' | 'form', signal: AbortSignal): Promise<TokenAnswer> {
    const { tokenUrl, scopes, endpointParams } = this.#options;
    const tls = this.#options.tls();
    const form = new URLSearchParams({ grant_type: 'client_credentials' });
    if (scopes.length > 0) form.set('scope', scopes.join(' '));
    for (const [name, values] of Object.entries(endpointParams)) {
      form.delete(name);
      for (const value of values) form.append(name, value);
    }
    if (place === 'form') {
      form.set('client_id', id);
      if (secret !== '') form.set('client_secret', secret);
    }
    const basic = Buffer.from(`${encode(id)}:${encode(secret)}`).toString('base64');
    return postForm({
      url: tokenUrl,
      form,
      tls,
      signal,
      authorization: place === 'header' ? `Basic ${basic}` : undefined,
    });
  }

  /** Everything of a request that an answer must not be quoted with. */
  #sent({ id, secret }: Client): readonly string[] {
    const params = Object.values(this.#options.endpointParams).flat();
    return [id, secret, `${id}:${secret}`, `${encode(id)}:${encode(secret)}`, ...params];
  }

  #tokenOf(answer: TokenAnswer, client: Client): Token {
    const fields = fieldsOf(answer);
    const where = `the token endpoint ${endpointName(this.#options.tokenUrl)}`;
    if (!isSuccess(answer) || fields['error'] !== undefined) {
      const words = [fields['error'], fields['error_description']]
        .filter((word) => typeof word === 'string')
        .join(': ');
      throw noToken(`${where} answered ${answer.status}${words === '' ? '' : ` ${quote(words, this.#sent(client))}`}`);
    }
    const { access_token: text, token_type: type, expires_in: lifetime } = fields;
    if (typeof text !== 'string' || text === '')
      throw noToken(`${where} answered ${answer.status} without an access_token`);
    const nowMs = this.#options.clock.monotonicMs();
    const lifetimeMs = Number(lifetime) > 0 ? Number(lifetime) * 1000 : Number.POSITIVE_INFINITY;
    const useMs = Math.max(lifetimeMs - this.#options.expiryBufferMs, lifetimeMs / 2);
    return { authorization: `${schemeOf(type)} ${text}`, obtainedAtMs: nowMs, useUntilMs: nowMs + useMs };
  }
}

interface Client {
  readonly id: string;
  readonly secret: string;
}

function headersWith({ authorization }: Token): Readonly<Record<string, string>> {
  return { authorization };
}

function isSuccess({ status }: TokenAnswer): boolean {
  return status >= 200 && status <= 299;
}

/** JSON, or a form as some old endpoints answer; nothing where it is neither. */
function fieldsOf({ contentType, body }: TokenAnswer): Readonly<Record<string, unknown>> {
  if (/^(application\/x-www-form-urlencoded|text\/plain)/i.test(contentType)) {
    return Object.fromEntries(new URLSearchParams(body));
  }
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** The spelling that servers expect, whatever the endpoint's. Source: oauth2 Token.Type. */
function schemeOf(type: unknown): string {
  if (typeof type !== 'string' || type === '' || /^bearer$/i.test(type)) return 'Bearer';
  if (/^(mac|basic)$/i.test(type)) return type.toLowerCase() === 'mac' ? 'MAC' : 'Basic';
  return type;
}

/** As a form has it, which RFC 6749 asks for in the header, too. */
function encode(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}

function endpointName(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? 'of no valid URL' : `${parsed.host}${parsed.pathname}`;
}

function quote(text: string, secrets: readonly string[]): string {
  const shown = hideSecrets(text, secrets);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  return shown.replace(/[\x00-\x1f\x7f]+/g, ' ').slice(0, LONGEST_QUOTE);
}

function noToken(message: string, cause?: unknown): CodedError {
  return new CodedError('no_token', message, { cause });
}
