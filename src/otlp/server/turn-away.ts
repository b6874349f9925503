import type { Socket } from 'node:net';

import { GRPC_CODE } from '../request.ts';
import { statusToJson } from '../rpc-messages.ts';
import { foreignBytes } from './foreign-protocol.ts';
import { ERROR_CODE } from './http2/frame.ts';
import { FrameWriter } from './http2/frame-writer.ts';
import type { Sniffed } from './sniff.ts';

type Unwanted = Exclude<Sniffed, 'more'>;

/** What to tell the person whose program spoke something that this port does not. */
export function foreignProblem(spoken: Unwanted, seen: Uint8Array): string {
  switch (spoken) {
    case 'tls':
      return 'the sender spoke TLS, this port is plain text; use http:// or set insecure in the sender';
    case 'http1':
      return 'the sender spoke HTTP as plain text, this port wants TLS; use https:// in the sender';
    case 'http2':
      return 'the sender spoke HTTP/2 as plain text, this port wants TLS; use https://, or do not set insecure in the sender';
    case 'garbage':
      return foreignBytes(seen);
  }
}

/** Says goodbye in words that the sender's own program may understand and show. */
export function turnAway(socket: Socket, spoken: Unwanted, problem: string): void {
  const text = `sluice: ${problem}`;
  if (spoken === 'http2') {
    const writer = new FrameWriter(socket);
    writer.settings([]);
    writer.goaway(0, ERROR_CODE.inadequateSecurity, text);
    writer.flush();
  } else if (spoken !== 'garbage') {
    // TLS clients call whatever is not TLS a plain-text port, and Go's say so best when it begins with HTTP/.
    const body = statusToJson({ code: GRPC_CODE.invalidArgument, message: text });
    const head = [
      'HTTP/1.1 400 Bad Request',
      'content-type: application/json',
      `content-length: ${body.length}`,
      'connection: close',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  } else {
    socket.destroy();
    return;
  }
  // What is on its way is read to nowhere: closing over it could cost the sender the answer.
  socket.end();
  socket.resume();
}
