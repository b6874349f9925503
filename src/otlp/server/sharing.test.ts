import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { requestOf } from '../../../test/testkit/engine.ts';
import { waitFor } from '../../../test/testkit/wait-for.ts';
import { systemClock } from '../../lib/index.ts';
import type { OtlpRequest } from '../request.ts';
import { defaultGrpcAccept, defaultHttpAccept, type ServerLimits } from './limits.ts';
import { createOtlpServer, type OtlpServer } from './otlp-server.ts';

const BODY = requestOf(['span']);
const ANNOUNCED = 10_000;

describe('a host that floods a server', () => {
  const sockets: Socket[] = [];
  let server: OtlpServer;
  let port: number;
  let told: string[];

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await server.shutdown({ graceMs: 0 });
  });

  const start = async (limits: Partial<ServerLimits>) => {
    told = [];
    const sharing = { weight: () => 1, onOverShare: (address: string, of: string) => told.push(`${address} ${of}`) };
    const accepts = { grpc: defaultGrpcAccept, http: defaultHttpAccept };
    const seen: OtlpRequest[] = [];
    server = createOtlpServer({ accepts, clock: systemClock, limits, sharing }, (request) => {
      seen.push(request);
      return { status: 'ok' };
    });
    ({ port } = await server.listen({ host: '127.0.0.1', port: 0 }));
    return seen;
  };
  /** Sends `text` from an address; what is answered is gathered. */
  const open = (localAddress: string, text: string | Uint8Array) => {
    const socket = connect({ host: '127.0.0.1', port, localAddress });
    const answer = { text: '', closed: false };
    sockets.push(socket);
    socket.on('data', (chunk) => (answer.text += chunk.toString('latin1')));
    socket.on('error', () => (answer.closed = true));
    socket.on('close', () => (answer.closed = true));
    socket.write(text);
    return answer;
  };
  const head = (length: number) =>
    `POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: ${length}\r\n\r\n`;
  const whole = Buffer.concat([Buffer.from(head(BODY.length)), BODY]);

  it('with bodies that never end is refused, and others are served', async () => {
    const seen = await start({ maxInFlightBytes: 100_000 });
    open('127.0.0.8', whole);
    await waitFor('the other', () => seen.length === 1);
    expect(seen[0]!.peerAddress).toBe('127.0.0.8');
    const floods = Array.from({ length: 20 }, () => open('127.0.0.7', head(ANNOUNCED)));
    await waitFor('the flood to be refused', () => floods.filter(({ text }) => text.includes('503')).length === 12);
    expect(floods.find(({ text }) => text !== '')!.text).toContain('its share of');
    expect(server.inFlightBytes).toBe(80_000);
    expect(told).toEqual(new Array(12).fill('127.0.0.7 in_flight'));
    const other = open('127.0.0.9', whole);
    await waitFor('the answer', () => other.text.startsWith('HTTP/1.1 200'));
  });

  it('with connections leaves room for those of others', async () => {
    await start({ maxConnections: 20 });
    const floods = Array.from({ length: 30 }, () => open('127.0.0.7', head(ANNOUNCED)));
    await waitFor('the rest to be closed', () => floods.filter(({ closed }) => closed).length === 14);
    expect(told).toEqual(new Array(14).fill('127.0.0.7 connections'));
    const other = open('127.0.0.9', whole);
    await waitFor('the answer', () => other.text.startsWith('HTTP/1.1 200'));
  });
});
