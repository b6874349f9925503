import { createServer, type IncomingHttpHeaders } from 'node:http';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { uncompressSync } from 'snappy';
import { listen } from './free-port.ts';

/** One request as it reached the receiver, decoded by code that shares nothing with ours. */
export interface WriteRequest {
  readonly headers: IncomingHttpHeaders;
  /** One line each: labels, then what happened when. */
  readonly lines: readonly string[];
  readonly status: number;
}

export interface WriteAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text?: string;
}

/** Takes Prometheus remote write, both versions, keeps it and answers as it is told. */
export interface WriteReceiver {
  readonly url: string;
  readonly requests: readonly WriteRequest[];
  /** Lines of what was taken, sorted. */
  lines(): readonly string[];
  /** Answers of the next requests, in order; after them everything is taken. */
  script(answers: readonly WriteAnswer[]): void;
  stop(): Promise<void>;
}

const WRITTEN = {
  'X-Prometheus-Remote-Write-Samples-Written': '1',
  'X-Prometheus-Remote-Write-Histograms-Written': '1',
  'X-Prometheus-Remote-Write-Exemplars-Written': '1',
};

export async function startWriteReceiver(): Promise<WriteReceiver> {
  const requests: WriteRequest[] = [];
  const script: WriteAnswer[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { status, headers = {}, text = '' } = script.shift() ?? { status: 204, headers: WRITTEN };
      const body = uncompressSync(Buffer.concat(chunks), { asBuffer: true }) as Buffer;
      const isV2 = request.headers['content-type']?.includes('v2') === true;
      requests.push({ headers: request.headers, lines: isV2 ? readV2(body) : readV1(body), status });
      response.writeHead(status, headers).end(text);
    });
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}/api/v1/write`,
    requests,
    lines: () =>
      requests
        .filter(({ status }) => status < 300)
        .flatMap(({ lines }) => lines)
        .sort(),
    script: (answers) => void script.push(...answers),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Fields = Map<number, (Uint8Array | bigint)[]>;

/** Fields by number: varints as numbers, everything else as its bytes. */
function fieldsOf(bytes: Uint8Array): Fields {
  const reader = new BinaryReader(bytes);
  const fields: Fields = new Map();
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    const value =
      type === WireType.Varint
        ? BigInt(reader.uint64())
        : type === WireType.LengthDelimited
          ? reader.bytes()
          : eight(BigInt(reader.fixed64()));
    fields.set(number, [...(fields.get(number) ?? []), value]);
  }
  return fields;
}

function eight(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

const messages = (fields: Fields, number: number): Fields[] =>
  (fields.get(number) ?? []).map((bytes) => fieldsOf(bytes as Uint8Array));
const text = (fields: Fields, number: number): string =>
  Buffer.from((fields.get(number)?.at(-1) as Uint8Array) ?? []).toString();
const integer = (fields: Fields, number: number): bigint =>
  BigInt.asIntN(64, (fields.get(number)?.at(-1) as bigint) ?? 0n);
const signed = (value: bigint): bigint => (value >> 1n) ^ -(value & 1n);

/** A number or, where it is NaN, its bits. */
function double(fields: Fields, number: number): string {
  const bytes = fields.get(number)?.at(-1) as Uint8Array | undefined;
  if (bytes === undefined) return '0';
  const value = Buffer.from(bytes).readDoubleLE();
  return Number.isNaN(value) ? `NaN:${Buffer.from(bytes).readBigUInt64LE().toString(16)}` : String(value);
}

function varints(fields: Fields, number: number): bigint[] {
  return (fields.get(number) ?? []).flatMap((value) => {
    if (typeof value === 'bigint') return [value];
    const reader = new BinaryReader(value);
    const list: bigint[] = [];
    while (reader.pos < reader.len) list.push(BigInt(reader.uint64()));
    return list;
  });
}

function readV1(body: Uint8Array): string[] {
  const request = fieldsOf(body);
  const labelsOf = (fields: Fields) => messages(fields, 1).map((label) => [text(label, 1), text(label, 2)] as const);
  return [
    ...messages(request, 1).flatMap((series) => seriesLines(series, { labelsOf, exemplars: 3, histograms: 4 })),
    ...messages(request, 3).map((one) => `metadata ${text(one, 2)} ${integer(one, 1)} ${text(one, 4)} ${text(one, 5)}`),
  ];
}

function readV2(body: Uint8Array): string[] {
  const request = fieldsOf(body);
  const symbols = (request.get(4) ?? []).map((bytes) => Buffer.from(bytes as Uint8Array).toString());
  const symbol = (ref: bigint) => symbols[Number(ref)]!;
  const labelsOf = (fields: Fields) => {
    const refs = varints(fields, 1).map(symbol);
    return refs.flatMap((name, i) => (i % 2 === 0 ? [[name, refs[i + 1]!] as const] : []));
  };
  return messages(request, 5).flatMap((series) => {
    const [about] = messages(series, 5);
    const known = about === undefined ? [] : [integer(about, 1), symbol(integer(about, 3)), symbol(integer(about, 4))];
    const lines = seriesLines(series, { labelsOf, exemplars: 4, histograms: 3 });
    return lines.map((line) => `${line} about ${known.join('|')}`);
  });
}

interface Reading {
  readonly labelsOf: (fields: Fields) => readonly (readonly [string, string])[];
  readonly exemplars: number;
  readonly histograms: number;
}

function seriesLines(series: Fields, { labelsOf, exemplars, histograms }: Reading): string[] {
  const write = (labels: readonly (readonly [string, string])[]) =>
    `{${labels.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}}`;
  const labels = write(labelsOf(series));
  return [
    ...messages(series, 2).map((sample) => `${labels} ${double(sample, 1)} @${integer(sample, 2)}`),
    ...messages(series, exemplars).map((one) => {
      const own = write([...labelsOf(one)].sort());
      return `${labels} exemplar ${own} ${double(one, 2)} @${integer(one, 3)}`;
    }),
    ...messages(series, histograms).map((one) => `${labels} histogram ${histogramText(one)}`),
  ];
}

function histogramText(one: Fields): string {
  const spans = (number: number) =>
    messages(one, number)
      .map((span) => `${signed(BigInt.asUintN(64, integer(span, 1)))}+${integer(span, 2)}`)
      .join(' ');
  const deltas = (number: number) => varints(one, number).map(signed).join(' ');
  const [count, sum, schema] = [BigInt.asUintN(64, integer(one, 1)), double(one, 3), signed(integer(one, 4))];
  const zero = `${double(one, 5)}:${integer(one, 6)}`;
  const sides = `-[${spans(8)}|${deltas(9)}] +[${spans(11)}|${deltas(12)}]`;
  return `count ${count} sum ${sum} schema ${schema} zero ${zero} ${sides} @${integer(one, 15)}`;
}
