import { CliError } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { parsePortFlag } from '../flags.ts';

export interface Ports {
  readonly grpc: number;
  readonly http: number;
  readonly ui: number;
}

export const DEFAULT_PORTS: Ports = { grpc: 4317, http: 4318, ui: 4390 };

const FLAG_OF_PORT: Readonly<Record<keyof Ports, string>> = { grpc: '--otlp-grpc', http: '--otlp-http', ui: '--ui' };

/** `--port-offset` moves the defaults; a port given by name stands as it is. No two may be the same, but for 0. */
export function parsePorts(flags: Record<string, unknown>): Ports {
  const offset = parseOffset(flags['portOffset']);
  const port = (key: keyof Ports, value: unknown) =>
    value === undefined ? movedPort(DEFAULT_PORTS[key], offset) : parsePortFlag(FLAG_OF_PORT[key], value);
  const ports: Ports = {
    grpc: port('grpc', flags['otlpGrpc']),
    http: port('http', flags['otlpHttp']),
    ui: port('ui', flags['ui']),
  };
  refuseSamePort(ports);
  return ports;
}

/** `--port-offset 100` */
export function parseOffset(value: unknown): number {
  const text = String(value ?? 0);
  if (!/^[+-]?\d{1,6}$/.test(text)) {
    throw new CliError(EXIT.usage, 'SL0903', `--port-offset takes a whole number such as 100, got \`${text}\``);
  }
  return Number(text);
}

function movedPort(port: number, offset: number): number {
  const moved = port + offset;
  if (moved >= 1 && moved <= 65535) return moved;
  throw new CliError(
    EXIT.usage,
    'SL0903',
    `--port-offset ${offset} moves port ${port} to ${moved}; ports go from 1 to 65535`,
  );
}

function refuseSamePort(ports: Ports): void {
  const flagOf = new Map<number, string>();
  for (const key of ['grpc', 'http', 'ui'] as const) {
    const port = ports[key];
    const other = flagOf.get(port);
    if (port !== 0 && other !== undefined) {
      throw new CliError(EXIT.usage, 'SL0903', `${other} and ${FLAG_OF_PORT[key]} must not both be ${port}`, [
        'gRPC and HTTP work on either OTLP port, so one of them can be any free one: 0',
      ]);
    }
    flagOf.set(port, FLAG_OF_PORT[key]);
  }
}
