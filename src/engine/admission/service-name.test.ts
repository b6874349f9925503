import { describe, expect, it } from 'vitest';
import { encodeRequest } from '../../../test/testkit/otlp-proto.ts';
import { SIGNALS, type Signal } from '../../pdata/index.ts';
import { serviceNameOf } from './service-name.ts';

const LIST: Readonly<Record<Signal, string>> = {
  traces: 'resourceSpans',
  metrics: 'resourceMetrics',
  logs: 'resourceLogs',
};

const text = (key: string, value: string) => ({ key, value: { value: { case: 'stringValue', value } } });

function requestWith(signal: Signal, ...resources: readonly (readonly object[])[]): Uint8Array {
  return encodeRequest(signal, { [LIST[signal]]: resources.map((attributes) => ({ resource: { attributes } })) });
}

describe('serviceNameOf', () => {
  it.each(SIGNALS)('finds the service of the first resource of %s', (signal) => {
    const request = requestWith(
      signal,
      [text('host.name', 'n1'), text('service.name', 'shop'), text('a', 'b')],
      [text('service.name', 'other')],
    );
    expect(serviceNameOf(request)).toBe('shop');
  });

  it('finds none where the first resource has none, or it is no text, or too long, or there is nothing', () => {
    expect(
      serviceNameOf(requestWith('logs', [text('host.name', 'n1')], [text('service.name', 'other')])),
    ).toBeUndefined();
    const number = { key: 'service.name', value: { value: { case: 'intValue', value: 5n } } };
    expect(serviceNameOf(requestWith('logs', [number]))).toBeUndefined();
    expect(serviceNameOf(requestWith('logs', [text('service.name', 'x'.repeat(129))]))).toBeUndefined();
    expect(serviceNameOf(new Uint8Array(0))).toBeUndefined();
  });
});
