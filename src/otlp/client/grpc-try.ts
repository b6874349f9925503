import { type ClientHttp2Stream, constants, type IncomingHttpHeaders } from 'node:http2';

/** What a stream has brought when it is closed. */
export interface GrpcAnswer {
  readonly headers: IncomingHttpHeaders | undefined;
  readonly trailers: IncomingHttpHeaders | undefined;
  /** The beginning of it. */
  readonly body: Buffer;
  readonly error: unknown;
  readonly rstCode: number | undefined;
}

/** Flag and length in front of a gRPC message. */
export const PREFIX_BYTES = 5;
const MAX_RESPONSE_BYTES = 64 * 1024;

/** One unary call on one stream. */
export class GrpcTry {
  readonly #stream: ClientHttp2Stream;
  #headers: IncomingHttpHeaders | undefined;
  #trailers: IncomingHttpHeaders | undefined;
  #chunks: Buffer[] = [];
  #receivedBytes = 0;
  #error: unknown;

  constructor(stream: ClientHttp2Stream) {
    this.#stream = stream;
  }

  /** Resolves when the stream is closed, however that came about. */
  send(body: Uint8Array, compressed: boolean): Promise<GrpcAnswer> {
    const stream = this.#stream;
    return new Promise((resolve) => {
      stream.on('response', (headers) => {
        this.#headers = headers;
      });
      stream.on('trailers', (trailers) => {
        this.#trailers = trailers;
      });
      stream.on('data', (chunk: Buffer) => {
        this.#receivedBytes += chunk.length;
        if (this.#receivedBytes <= MAX_RESPONSE_BYTES) this.#chunks.push(chunk);
      });
      stream.on('error', (error) => {
        this.#error = error;
      });
      stream.on('close', () => resolve(this.#answer()));
      const prefix = Buffer.allocUnsafe(PREFIX_BYTES);
      prefix[0] = compressed ? 1 : 0;
      prefix.writeUInt32BE(body.length, 1);
      stream.cork();
      stream.write(prefix);
      stream.end(body);
      stream.uncork();
    });
  }

  #answer(): GrpcAnswer {
    const body = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    return {
      headers: this.#headers,
      trailers: this.#trailers,
      body,
      error: this.#error,
      rstCode: this.#stream.rstCode,
    };
  }

  cancel(): void {
    if (!this.#stream.closed) this.#stream.close(constants.NGHTTP2_CANCEL);
  }
}
