import { describe, expect, it } from 'vitest';
import { configOf, createTestBackend, exporterType } from '../../../test/testkit/engine.ts';
import type { Issue } from '../../diagnostics/index.ts';
import type { OtelcolConfig } from '../../otelcol/index.ts';
import { checkEngineConfig } from '../engine.ts';

const debugOnly = { exporters: { debug: {} }, pipelines: { traces: { exporters: ['debug'] } } };

function found(config: OtelcolConfig): string[] {
  return checkEngineConfig(config).map(line);
}

function line({ code, path, message }: Issue): string {
  return `${code} ${(path ?? []).join('.')}: ${message}`;
}

describe('checkEngineConfig', () => {
  it('finds nothing in a configuration with every component', () => {
    const config = configOf({
      processors: {
        memory_limiter: { check_interval: '1s', limit_percentage: 75, spike_limit_percentage: 15 },
        batch: null,
        'batch/small': { send_batch_size: 10, send_batch_max_size: 20, timeout: '1s' },
        resource: {
          attributes: [
            { key: 'team', value: 'shop', action: 'upsert' },
            { key: 'x', action: 'delete' },
          ],
        },
      },
      connectors: { forward: null },
      exporters: {
        otlp: { endpoint: 'localhost:4317' },
        otlphttp: { endpoint: 'http://localhost:4318', encoding: 'json', headers: [{ name: 'a', value: 'b' }] },
        otlp_grpc: {
          endpoint: 'http://localhost:4317',
          compression: 'zstd',
          timeout: '3s',
          headers: { a: 'b' },
          tls: { insecure: true },
          sending_queue: {
            enabled: true,
            sizer: 'bytes',
            queue_size: 1000,
            batch: { min_size: 10, max_size: 100, flush_timeout: '1s', sizer: 'bytes' },
          },
          retry_on_failure: { max_elapsed_time: 0 },
        },
        file: { path: '/tmp/x', format: 'json', rotation: { max_megabytes: 10, max_backups: 3 } },
        debug: { verbosity: 'detailed' },
      },
      extensions: { health_check: null },
      telemetry: {
        logs: { level: 'info' },
        metrics: { readers: [{ pull: { exporter: { prometheus: { host: '0.0.0.0', port: 8888 } } } }] },
      },
      pipelines: {
        'traces/in': { processors: ['memory_limiter', 'batch'], exporters: ['forward'] },
        'traces/out': { receivers: ['forward'], exporters: ['otlp', 'otlp_grpc', 'otlphttp', 'file', 'debug'] },
      },
    });
    expect(found(config)).toEqual([]);
  });

  it('names every type, key and value it lacks, all at once', () => {
    const config = configOf({
      processors: { tail_sampling: {}, batch: { sizer: 'bytes', timeout: 'soon' } },
      exporters: {
        otlp_grcp: {},
        debug: { verbosity: 'loud' },
        otlp_http: { endpoint: 'localhost:4318' },
        otlp_grpc: { endpoint: '' },
      },
      pipelines: {
        traces: { processors: ['tail_sampling', 'batch'], exporters: ['otlp_grcp', 'debug', 'otlp_http', 'otlp_grpc'] },
      },
      telemetry: { metrics: { readers: [{ periodic: {} }] } },
    });
    expect(found(config)).toEqual([
      'SL0107 processors.tail_sampling: the engine has no processor `tail_sampling`',
      'SL0107 processors.batch.sizer: the engine has no setting `processors.batch.sizer`',
      'SL0113 processors.batch.timeout: `processors.batch.timeout` must be a duration, such as 200ms, 5s or 1m30s',
      'SL0107 exporters.otlp_grcp: the engine has no exporter `otlp_grcp`',
      "SL0104 exporters.debug.verbosity: `exporters.debug.verbosity` must be one of 'basic', 'normal', 'detailed'",
      'SL0110 exporters.otlp_http.endpoint: `endpoint` must be an http or https URL',
      'SL0102 exporters.otlp_grpc.endpoint: `endpoint` is required',
      'SL0107 service.telemetry.metrics.readers.0.periodic: the engine has no setting `service.telemetry.metrics.readers[0].periodic`',
    ]);
    expect(checkEngineConfig(config)[3]!.help).toBe('did you mean `otlp_grpc`?');
  });

  it('never shows the value of a header or key', () => {
    const config = configOf({
      exporters: {
        otlp_grpc: { endpoint: 'localhost:4317', headers: { authorization: 12345678 }, tls: { key_pem: 87654321 } },
      },
      pipelines: { traces: { exporters: ['otlp_grpc'] } },
    });
    const issues = checkEngineConfig(config);
    expect(issues).toHaveLength(2);
    expect(JSON.stringify(issues)).not.toMatch(/12345678|87654321/);
  });

  it('checks references, empty lists, names given twice and signals', () => {
    const config = configOf({
      exporters: { debug: {} },
      pipelines: {
        traces: { receivers: ['otpl'], exporters: ['debug', 'debug'] },
        'logs/none': { receivers: [], exporters: ['nowhere'] },
        profiles: { exporters: ['debug'] },
      },
    });
    expect(found(config)).toEqual([
      'SL0406 service.pipelines.traces.receivers.0: receiver `otpl` is not defined',
      'SL0406 service.pipelines.traces.exporters.1: exporter `debug` is named twice',
      'SL0406 service.pipelines.logs/none.receivers: pipeline `logs/none` must have at least one receiver',
      'SL0406 service.pipelines.logs/none.exporters.0: exporter `nowhere` is not defined',
      'SL0107 service.pipelines.profiles: the engine has no pipelines of `profiles`',
    ]);
  });

  it('finds connectors that lead nowhere or come from nowhere, and cycles', () => {
    const config = configOf({
      connectors: { 'forward/a': {}, 'forward/b': {}, 'forward/c': {} },
      exporters: { debug: {} },
      pipelines: {
        'traces/1': { exporters: ['forward/a'] },
        'logs/2': { receivers: ['forward/b'], exporters: ['debug'] },
        'metrics/3': { receivers: ['otlp', 'forward/c'], exporters: ['forward/c'] },
      },
    });
    expect(found(config)).toEqual([
      'SL0406 service.pipelines.traces/1.exporters: nothing receives the traces that pipeline `traces/1` exports to connector `forward/a`',
      'SL0406 service.pipelines.logs/2.receivers: nothing exports logs to connector `forward/b`, from which pipeline `logs/2` receives',
      'SL0406 service.pipelines.metrics/3: pipeline `metrics/3` feeds itself through its connectors',
    ]);
  });

  it('checks the rules between settings as the Collector does', () => {
    const config = configOf({
      processors: {
        memory_limiter: { limit_mib: 100, spike_limit_mib: 100 },
        batch: { send_batch_size: 10, send_batch_max_size: 5 },
      },
      exporters: {
        otlp_grpc: {
          endpoint: 'localhost:4317',
          retry_on_failure: { max_elapsed_time: '10s' },
          sending_queue: { batch: { sizer: 'items', min_size: 10, max_size: 5 } },
          tls: { ca_file: '/a', ca_pem: 'b' },
        },
        file: { path: 'x', append: true, rotation: {} },
      },
      pipelines: { traces: { exporters: ['otlp_grpc', 'file'] } },
    });
    expect(found(config)).toEqual([
      'SL0105 processors.memory_limiter.check_interval: `check_interval` must be greater than 0',
      'SL0105 processors.memory_limiter.spike_limit_mib: `spike_limit_mib` must be less than `limit_mib`',
      'SL0105 processors.batch.send_batch_max_size: `send_batch_max_size` (5) must not be less than `send_batch_size` (10)',
      'SL0105 exporters.otlp_grpc.sending_queue.batch.max_size: `max_size` must not be less than `min_size`',
      'SL0105 exporters.otlp_grpc.retry_on_failure.max_elapsed_time: `max_elapsed_time` must not be less than `max_interval`',
      'SL0114 exporters.otlp_grpc.tls.ca_pem: `ca_file` and `ca_pem` exclude each other',
      'SL0114 exporters.file.append: `append` and `rotation` exclude each other',
    ]);
  });

  it('takes exporter types that the caller adds', () => {
    const config = configOf({ exporters: { memory: {} }, pipelines: { traces: { exporters: ['memory'] } } });
    expect(found(config)).toEqual(['SL0107 exporters.memory: the engine has no exporter `memory`']);
    expect(checkEngineConfig(config, { exporters: { memory: exporterType(createTestBackend()) } })).toEqual([]);
  });

  it('refuses addresses it cannot listen on', () => {
    const receivers = {
      otlp: { protocols: { grpc: { endpoint: 'localhost' }, http: { endpoint: ':99999' } } },
      'otlp/none': {},
    };
    expect(found({ ...configOf(debugOnly), receivers } as never)).toEqual([
      'SL0110 receivers.otlp.protocols.grpc.endpoint: `protocols.grpc.endpoint` must be an address and a port, such as localhost:4317',
      'SL0110 receivers.otlp.protocols.http.endpoint: `protocols.http.endpoint` must be an address and a port, such as localhost:4317',
      'SL0102 receivers.otlp/none.protocols: `protocols` must have grpc or http or both',
    ]);
  });
});
