import { describe, expect, it } from 'vitest';
import { CliError } from './context.ts';
import { collect, parseChoiceFlag, parseDurationFlag, parseMemoryFlag, parsePortFlag } from './flags.ts';
import { DEFAULT_PORTS, parsePorts } from './local/up-flags.ts';
import { parseOutputFlag } from './report-document.ts';

const refused = (call: () => unknown): string => {
  try {
    call();
  } catch (error) {
    if (error instanceof CliError && error.exitCode === 2) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'not refused';
};

describe('values of options', () => {
  it('takes ports from 0 to 65535 in plain digits', () => {
    expect([parsePortFlag('--ui', '0'), parsePortFlag('--ui', '65535')]).toEqual([0, 65535]);
    for (const value of ['', ' ', '-1', '65536', '1e3', '0x10', '4317.0', 'many'])
      expect(refused(() => parsePortFlag('--ui', value))).toContain(`SL0903 --ui takes a port from 0 to 65535`);
  });

  it('takes durations and sizes with their units, and undefined for a duration that was not given', () => {
    expect(parseDurationFlag('--for', '1m30s')).toBe(90_000);
    expect(parseDurationFlag('--for', undefined)).toBeUndefined();
    expect(parseMemoryFlag('--max-memory', '1Gi')).toBe(2 ** 30);
    expect(refused(() => parseDurationFlag('--for', 'soon'))).toBe(
      'SL0903 --for takes a duration such as 10s or 1m30s, got `soon`',
    );
    expect(refused(() => parseMemoryFlag('--max-memory', 'much'))).toContain('SL0903 --max-memory takes a size');
  });

  it('asks for as much memory as a process needs before it holds anything', () => {
    expect(parseMemoryFlag('--max-memory', '64Mi')).toBe(64 * 2 ** 20);
    for (const value of ['0', '5', '63Mi'])
      expect(refused(() => parseMemoryFlag('--max-memory', value))).toBe(
        `SL0903 --max-memory takes at least 64Mi, got \`${value}\``,
      );
  });

  it('lists the choices when another word was given', () => {
    expect(parseChoiceFlag('--color', 'never', ['auto', 'never'])).toBe('never');
    expect(refused(() => parseChoiceFlag('--color', 'yes', ['auto', 'never']))).toBe(
      'SL0903 --color takes `auto`, `never`, got `yes`',
    );
  });

  it('takes the names that other tools have for the output for people', () => {
    expect(['text', 'table', 'human', 'json', 'yaml'].map((word) => parseOutputFlag(word))).toEqual([
      'text',
      'text',
      'text',
      'json',
      'yaml',
    ]);
    expect(parseOutputFlag('short', ['short'])).toBe('short');
    expect(refused(() => parseOutputFlag('constructor'))).toContain('SL0903');
  });

  it('collects a repeated option in order', () => {
    expect(collect('b', collect('a', undefined))).toEqual(['a', 'b']);
  });
});

describe('ports of sluice up', () => {
  it('moves the defaults by an offset of either sign and leaves named ports alone', () => {
    expect(parsePorts({})).toEqual(DEFAULT_PORTS);
    expect(parsePorts({ portOffset: '100', ui: '0' })).toEqual({ grpc: 4417, http: 4418, ui: 0 });
    expect(parsePorts({ portOffset: '-4000' })).toEqual({ grpc: 317, http: 318, ui: 390 });
    expect(parsePorts({ portOffset: '61000' }).ui).toBe(65_390);
  });

  it('refuses an offset that leaves the range of ports, and says which port it moved where', () => {
    expect(refused(() => parsePorts({ portOffset: '61200' }))).toBe(
      'SL0903 --port-offset 61200 moves port 4390 to 65590; ports go from 1 to 65535',
    );
    expect(refused(() => parsePorts({ portOffset: '-4317' }))).toContain('moves port 4317 to 0');
    expect(refused(() => parsePorts({ portOffset: '1.5' }))).toContain('takes a whole number');
  });

  it('refuses one port for two listeners, but any number of free ones', () => {
    expect(refused(() => parsePorts({ otlpGrpc: '5000', otlpHttp: '5000' }))).toContain(
      '--otlp-grpc and --otlp-http must not both be 5000',
    );
    expect(refused(() => parsePorts({ ui: '4317' }))).toContain('--otlp-grpc and --ui must not both be 4317');
    expect(parsePorts({ otlpGrpc: '0', otlpHttp: '0', ui: '0' })).toEqual({ grpc: 0, http: 0, ui: 0 });
  });
});
