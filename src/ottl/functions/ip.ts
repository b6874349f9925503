import { type Argument, EvaluationError, type FunctionSpec, type Getter, InvalidArgument } from '../function.ts';
import { getterOf, getterOr, gettersOf, literalOf, parameters } from './argument.ts';
import { encodeBase64 } from './base64.ts';

/** An address: 4 or 16 bytes. IPv4 within IPv6 (`::ffff:1.2.3.4`) counts as IPv4, as it does for Go. */
type Address = readonly number[];

interface Network {
  readonly address: Address;
  readonly bits: number;
}

const PROTOCOLS: Readonly<Record<string, number>> = { ICMP: 1, TCP: 6, UDP: 17, RSVP: 46, ICMP6: 58, SCTP: 132 };

export const IP_CONVERTERS: readonly FunctionSpec[] = [
  {
    name: 'IsInCIDR',
    parameters: parameters(['target', 'StringGetter'], ['networks', '[]StringGetter']),
    doc: 'Says whether an IP address is in one of the networks; what is no address is in none.',
    example: 'IsInCIDR(resource.attributes["host.ip"], ["10.0.0.0/8", "fd00::/8"])',
    create([target, networks]) {
      const textOf = getterOf<string>(target);
      const written = (networks as readonly Argument[]).map((network) => literalOf<string>(network));
      const getters = gettersOf<string>(networks);
      const fixed = written.includes(undefined)
        ? undefined
        : written.map((text) => toNetwork(text!, (message) => new InvalidArgument(1, message)));
      return (row) => {
        const address = parseAddress(textOf(row));
        if (address === undefined) return false;
        if (fixed !== undefined) return fixed.some((network) => contains(network, address));
        return getters.some((get) =>
          contains(
            toNetwork(get(row), (message) => new EvaluationError(message)),
            address,
          ),
        );
      };
    },
  },
  {
    name: 'CommunityID',
    parameters: parameters(
      ['source_i_p', 'StringGetter'],
      ['source_port', 'IntGetter'],
      ['destination_i_p', 'StringGetter'],
      ['destination_port', 'IntGetter'],
      ['protocol?', 'StringGetter'],
      ['seed?', 'IntGetter'],
    ),
    doc: 'Gives the community id of a network flow, the same for both directions; the protocol is TCP unless another is named.',
    example: 'CommunityID("10.0.0.1", 50000, "10.0.0.2", 443, "TCP")',
    create([sourceIp, sourcePort, destinationIp, destinationPort, protocol, seed], { hash }) {
      const sourceOf = endpointGetter('source', sourceIp, sourcePort);
      const destinationOf = endpointGetter('destination', destinationIp, destinationPort);
      const protocolOf = getterOr<string>(protocol, 'TCP');
      const seedOf = getterOr<bigint>(seed, 0n);
      return (row) => {
        const ends = [sourceOf(row), destinationOf(row)].sort(compareEndpoints);
        const name = protocolOf(row);
        const number = Object.hasOwn(PROTOCOLS, name) ? PROTOCOLS[name]! : undefined;
        if (number === undefined)
          throw new EvaluationError(`CommunityID: ${name} is none of ${Object.keys(PROTOCOLS).join(', ')}`);
        const start = short('seed', seedOf(row));
        const addresses = ends.flatMap(({ address }) => address);
        const tuple = [...start, ...addresses, number, 0, ...ends.flatMap(({ port }) => port)];
        return `1:${encodeBase64(hash('sha1', Uint8Array.from(tuple)))}`;
      };
    },
  },
];

interface Endpoint {
  readonly address: Address;
  /** Two bytes, the high one first. */
  readonly port: readonly number[];
}

type Row = Parameters<Getter>[0];

function endpointGetter(noun: string, ip: Argument, port: Argument): (row: Row) => Endpoint {
  const ipOf = getterOf<string>(ip);
  const portOf = getterOf<bigint>(port);
  return (row) => {
    const text = ipOf(row);
    const bytes = short(`${noun} port`, portOf(row));
    const address = parseAddress(text);
    if (address === undefined)
      throw new EvaluationError(`CommunityID: the ${noun} ${text.slice(0, 100)} is no IP address`);
    return { address, port: bytes };
  };
}

function short(noun: string, value: bigint): readonly number[] {
  if (value < 0n || value > 0xffffn)
    throw new EvaluationError(`CommunityID: the ${noun} must lie between 0 and 65535, and is ${value}`);
  return [Number(value >> 8n), Number(value & 0xffn)];
}

function compareEndpoints(a: Endpoint, b: Endpoint): number {
  const length = a.address.length - b.address.length;
  if (length !== 0) return length;
  const pairs = [...a.address, ...a.port].map((byte, i) => byte - [...b.address, ...b.port][i]!);
  return pairs.find((difference) => difference !== 0) ?? 0;
}

function toNetwork(text: string, fault: (message: string) => Error): Network {
  const [, ip = '', digits = ''] = /^(.*)\/(\d{1,3})$/s.exec(text) ?? [];
  const address = parseAddress(ip, false);
  const bits = Number(digits);
  if (
    address === undefined ||
    digits === '' ||
    bits > address.length * 8 ||
    (digits.length > 1 && digits.startsWith('0'))
  )
    throw fault(`IsInCIDR: ${JSON.stringify(text.slice(0, 100))} is no network such as 10.0.0.0/8`);
  return bits >= 96 && address.length === 16 && toShort(address).length === 4
    ? { address: toShort(address), bits: bits - 96 }
    : { address, bits };
}

function contains({ address, bits }: Network, candidate: Address): boolean {
  if (candidate.length !== address.length) return false;
  return address.every((byte, i) => {
    const shared = Math.max(0, Math.min(8, bits - 8 * i));
    return (byte ^ candidate[i]!) >> (8 - shared) === 0;
  });
}

/** As Go's net.ParseIP: no zone, no leading zeros. */
export function parseAddress(text: string, isShort = true): Address | undefined {
  if (!text.includes(':')) return parseDotted(text);
  const address = parseGroups(text);
  return address !== undefined && isShort ? toShort(address) : address;
}

function toShort(address: Address): Address {
  const isMapped = address.slice(0, 10).every((byte) => byte === 0) && address[10] === 255 && address[11] === 255;
  return isMapped ? address.slice(12) : address;
}

function parseDotted(text: string): Address | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255))
    return undefined;
  return parts.map(Number);
}

function parseGroups(text: string): Address | undefined {
  const dotted = /^(.*:)(\d+\.[\d.]+)$/.exec(text);
  const tail = dotted === null ? [] : parseDotted(dotted[2]!);
  if (tail === undefined) return undefined;
  const groups = dotted === null ? text : dotted[1]!.replace(/([^:]):$/, '$1');
  const halves = groups.split('::');
  if (halves.length > 2) return undefined;
  const sides = halves.map((half) => (half === '' ? [] : half.split(':')));
  if (!sides.flat().every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  const [left = [], right = []] = sides.map((side) =>
    side.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]),
  );
  const missing = 16 - left.length - right.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined;
  return [...left, ...Array.from({ length: missing }, () => 0), ...right, ...tail];
}
