import { connect, type OutgoingHttpHeaders } from 'node:http2';
import { createServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { listen } from '../../../../test/testkit/free-port.ts';
import { ConnectionError, FRAME, PREFACE } from './frame.ts';
import { FrameReader, headerFragment } from './frame-reader.ts';
import type { HeaderList } from './header-field.ts';
import { HpackDecoder } from './hpack-decoder.ts';
import { encodeHeaderBlock } from './hpack-encoder.ts';
import { decodeHuffman } from './huffman.ts';

const record = (list: HeaderList | undefined) =>
  Object.fromEntries((list ?? []).map(({ name, value }) => [name, value]));
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('HPACK decoder', () => {
  it('reads the examples of RFC 7541 C.3 with their dynamic table', () => {
    const decoder = new HpackDecoder(16_384);
    const first = { ':method': 'GET', ':scheme': 'http', ':path': '/', ':authority': 'www.example.com' };
    expect(record(decoder.decode(hex('828684410f7777772e6578616d706c652e636f6d')))).toEqual(first);
    expect(record(decoder.decode(hex('828684be58086e6f2d6361636865')))).toEqual({
      ...first,
      'cache-control': 'no-cache',
    });
    expect(record(decoder.decode(hex('828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565')))).toEqual({
      ':method': 'GET',
      ':scheme': 'https',
      ':path': '/index.html',
      ':authority': 'www.example.com',
      'custom-key': 'custom-value',
    });
  });

  it('reads the Huffman examples of RFC 7541 C.4', () => {
    const decoder = new HpackDecoder(16_384);
    expect(record(decoder.decode(hex('828684418cf1e3c2e5f23a6ba0ab90f4ff')))[':authority']).toBe('www.example.com');
    expect(record(decoder.decode(hex('828684be5886a8eb10649cbf')))['cache-control']).toBe('no-cache');
    expect(record(decoder.decode(hex('828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf')))['custom-key']).toBe(
      'custom-value',
    );
  });

  it('repeats a block from memory only while the table is the same', () => {
    const decoder = new HpackDecoder(16_384);
    decoder.decode(hex('4001610131'));
    expect(record(decoder.decode(hex('be')))['a']).toBe('1');
    expect(record(decoder.decode(hex('be')))['a']).toBe('1');
    decoder.decode(hex('4001610132'));
    expect(record(decoder.decode(hex('be')))['a']).toBe('2');
  });

  it('evicts what no longer fits and refuses a table above the setting', () => {
    const decoder = new HpackDecoder(16_384);
    decoder.decode(hex('4001610131'));
    decoder.decode(hex('20'));
    expect(() => decoder.decode(hex('be'))).toThrow(ConnectionError);
    expect(() => new HpackDecoder(16_384).decode(hex('3fe2 1f'))).toThrow('table size');
    expect(() => new HpackDecoder(16_384).decode(hex('8220'))).toThrow('behind a field');
  });

  it('keeps the table right when a list is over the limit', () => {
    const decoder = new HpackDecoder(100);
    const long = Buffer.concat([hex('400161 7f d500'), Buffer.alloc(212, 'x')]);
    expect(decoder.decode(long)).toBeUndefined();
    expect(record(decoder.decode(hex('4001620132')))).toEqual({ b: '2' });
    expect(record(decoder.decode(hex('be')))['b']).toBe('2');
  });

  it.each(['80', 'ff', 'ffffffffffffffffffff', '40', '4005', '00ff', '0005616263', '0081ff', '418fffffffff'])(
    'refuses %s',
    (block) => {
      expect(() => new HpackDecoder(16_384).decode(hex(block))).toThrow(ConnectionError);
    },
  );

  it('ends with a list or a ConnectionError for any bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 4 }), (blocks) => {
        const decoder = new HpackDecoder(200);
        try {
          for (const block of blocks) decoder.decode(Buffer.from(block));
        } catch (error) {
          expect(error).toBeInstanceOf(ConnectionError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('reads back the blocks of its own encoder', () => {
    const headers = fc.dictionary(
      fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/),
      fc.stringMatching(/^[\x20-\x7e]{0,300}$/),
    );
    fc.assert(
      fc.property(fc.constantFrom(200, 400, 404, 405, 503), headers, (status, fields) => {
        const list = new HpackDecoder(1_000_000).decode(encodeHeaderBlock(status, fields));
        expect(record(list)).toEqual({ ':status': String(status), ...fields });
      }),
    );
  });

  it('reads what an independent encoder sends over one connection', async () => {
    const seen: Record<string, string>[] = [];
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      const decoder = new HpackDecoder(1_000_000);
      const reader = new FrameReader({
        onData: () => {},
        onFrame: (type, flags, id, payload) => {
          if (type === FRAME.headers) seen.push(record(decoder.decode(headerFragment(flags, id, payload))));
        },
      });
      let skip = PREFACE.length;
      socket.on('error', () => {});
      socket.on('data', (chunk: Buffer) => {
        const from = Math.min(skip, chunk.length);
        skip -= from;
        reader.push(chunk.subarray(from));
      });
      socket.write(Buffer.from([0, 0, 0, FRAME.settings, 0, 0, 0, 0, 0]));
    });
    const port = await listen(server);
    const session = connect(`http://127.0.0.1:${port}`);
    session.on('error', () => {});
    const value = fc.stringMatching(/^[\x21-\x7e\x80-\xff]([\x20-\x7e]{0,40}[\x21-\x7e])?$/);
    const samples = fc.sample(
      fc.dictionary(fc.constantFrom('a', 'user-agent', 'x-tenant', 'grpc-timeout', 'via'), value),
      { numRuns: 90, seed: 7 },
    );
    for (const headers of samples) {
      const stream = session.request({ ':path': '/x', ...(headers as OutgoingHttpHeaders) });
      stream.on('error', () => {});
    }
    await expect.poll(() => seen.length).toBe(samples.length);
    seen.forEach((list, i) => {
      const { ':method': _m, ':path': _p, ':scheme': _s, ':authority': _a, ...rest } = list;
      expect(rest).toEqual({ ...samples[i] });
    });
    session.destroy();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
});

describe('Huffman', () => {
  it('refuses padding that is too long, has a zero, or spells end-of-string', () => {
    expect(decodeHuffman(hex('f1e3c2e5f23a6ba0ab90f4ff'), 0, 12)).toBe('www.example.com');
    expect(decodeHuffman(hex('1fff'), 0, 2)).toBeUndefined();
    expect(decodeHuffman(hex('18'), 0, 1)).toBeUndefined();
    expect(decodeHuffman(hex('3fffffff'), 0, 4)).toBeUndefined();
    expect(decodeHuffman(hex('1f'), 0, 1)).toBe('a');
  });
});
