import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type ClientTls, tlsOptions } from '../../otlp/index.ts';

/** What a token endpoint answered. */
export interface TokenAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface TokenRequest {
  readonly url: string;
  readonly form: URLSearchParams;
  readonly authorization: string | undefined;
  readonly tls: ClientTls;
  readonly signal: AbortSignal;
}

const MAX_ANSWER_BYTES = 1024 * 1024;

/** Posts a form, on a connection of its own: tokens are asked for rarely. Rejects when there is no answer. */
export function postForm({ url, form, authorization, tls, signal }: TokenRequest): Promise<TokenAnswer> {
  const body = form.toString();
  const options: RequestOptions = {
    method: 'POST',
    signal,
    agent: false,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': Buffer.byteLength(body),
      accept: 'application/json',
      ...(authorization !== undefined && { authorization }),
    },
  };
  return new Promise((resolve, reject) => {
    const request = url.startsWith('https:')
      ? httpsRequest(url, { ...options, ...tlsOptions(tls) })
      : httpRequest(url, options);
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('error', reject);
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > MAX_ANSWER_BYTES) response.destroy(new Error('the answer is larger than 1 MiB'));
        else chunks.push(chunk);
      });
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          contentType: response.headers['content-type'] ?? '',
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    request.end(body);
  });
}
