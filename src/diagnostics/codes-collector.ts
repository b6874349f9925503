// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the Collector's references look like template strings
import type { CodeEntry } from './code-entry.ts';

/** What can be wrong between the parts of a Collector configuration: SL041x. */
export const COLLECTOR_CODES: readonly CodeEntry[] = [
  {
    code: 'SL0411',
    title: 'component not defined',
    severity: 'error',
    explanation: 'A pipeline or `service.extensions` names a component that no section defines.',
    example:
      'receivers: {otlp: {protocols: {grpc: {}}}}\nexporters: {debug: {}}\nservice: {pipelines: {traces: {receivers: [otpl], exporters: [debug]}}}',
    fixed:
      'receivers: {otlp: {protocols: {grpc: {}}}}\nexporters: {debug: {}}\nservice: {pipelines: {traces: {receivers: [otlp], exporters: [debug]}}}',
    fix: 'Correct the name, or define the component under its section.',
  },
  {
    code: 'SL0412',
    title: 'connector used on one side only',
    severity: 'error',
    explanation:
      'A connector ends one pipeline as its exporter and begins another as its receiver. When one of the two is missing, data would enter it and never leave, or never enter.',
    example:
      'receivers: {otlp: {protocols: {grpc: {}}}}\nconnectors: {forward: {}}\nservice: {pipelines: {traces: {receivers: [otlp], exporters: [forward]}}}',
    fixed:
      'receivers: {otlp: {protocols: {grpc: {}}}}\nexporters: {debug: {}}\nconnectors: {forward: {}}\nservice:\n  pipelines:\n    traces/a: {receivers: [otlp], exporters: [forward]}\n    traces/b: {receivers: [forward], exporters: [debug]}',
    fix: 'Name the connector under `receivers` of one pipeline and `exporters` of another one of the same signal.',
  },
  {
    code: 'SL0413',
    title: 'pipelines form a cycle',
    severity: 'error',
    explanation: 'Pipelines feed each other through connectors in a circle, so an item would never leave.',
    example:
      'receivers: {otlp: {protocols: {grpc: {}}}}\nexporters: {debug: {}}\nconnectors: {forward/1: {}, forward/2: {}}\nservice:\n  pipelines:\n    traces/a: {receivers: [forward/2], exporters: [forward/1]}\n    traces/b: {receivers: [forward/1], exporters: [forward/2]}',
    fixed:
      'receivers: {otlp: {protocols: {grpc: {}}}}\nexporters: {debug: {}}\nconnectors: {forward/1: {}}\nservice:\n  pipelines:\n    traces/a: {receivers: [otlp], exporters: [forward/1]}\n    traces/b: {receivers: [forward/1], exporters: [debug]}',
    fix: 'Remove the connector from one of the pipelines named.',
  },
  {
    code: 'SL0414',
    title: 'component not used',
    severity: 'warning',
    explanation: 'A component is defined but no pipeline names it. The Collector ignores it without a word.',
    example:
      'receivers: {otlp: {protocols: {grpc: {}}}}\nexporters: {debug: {}, file: {path: x.jsonl}}\nservice: {pipelines: {traces: {receivers: [otlp], exporters: [debug]}}}',
    fixed:
      'receivers: {otlp: {protocols: {grpc: {}}}}\nexporters: {debug: {}}\nservice: {pipelines: {traces: {receivers: [otlp], exporters: [debug]}}}',
    fix: 'Name the component in a pipeline, or remove it.',
  },
  {
    code: 'SL0415',
    title: 'id not usable',
    severity: 'error',
    explanation:
      'Components are called `type` or `type/name`, pipelines `signal` or `signal/name`. A type starts with a letter and holds letters, digits and underscores; one id stands for one component.',
    example:
      'receivers: {otlp: {protocols: {grpc: {}}}}\nexporters: {otlp grpc: {endpoint: localhost:4317}}\nservice: {pipelines: {traces: {receivers: [otlp], exporters: [otlp grpc]}}}',
    fixed:
      'receivers: {otlp: {protocols: {grpc: {}}}}\nexporters: {otlp_grpc: {endpoint: localhost:4317}}\nservice: {pipelines: {traces: {receivers: [otlp], exporters: [otlp_grpc]}}}',
    fix: 'Rename it as the message says.',
  },
  {
    code: 'SL0416',
    title: 'environment variable not set',
    severity: 'warning',
    explanation:
      'The configuration refers to an environment variable that does not exist. Like the Collector, the engine takes it as empty.',
    example:
      "receivers: {otlp: {protocols: {grpc: {}}}}\nexporters: {otlp_grpc: {endpoint: '${env:BACKEND}'}}\nservice: {pipelines: {traces: {receivers: [otlp], exporters: [otlp_grpc]}}}",
    fixed:
      "receivers: {otlp: {protocols: {grpc: {}}}}\nexporters: {otlp_grpc: {endpoint: '${env:BACKEND:-localhost:4317}'}}\nservice: {pipelines: {traces: {receivers: [otlp], exporters: [otlp_grpc]}}}",
    fix: 'Set the variable, or write a default: `${env:BACKEND:-localhost:4317}`.',
  },
  {
    code: 'SL0417',
    title: 'reference cannot be expanded',
    severity: 'error',
    explanation:
      'A `${…}` in the configuration is no valid reference to an environment variable, or it refers to itself.',
    example:
      "receivers: {otlp: {protocols: {grpc: {}}}}\nexporters: {otlp_grpc: {endpoint: '${env:MY-BACKEND}'}}\nservice: {pipelines: {traces: {receivers: [otlp], exporters: [otlp_grpc]}}}",
    fixed:
      "receivers: {otlp: {protocols: {grpc: {}}}}\nexporters: {otlp_grpc: {endpoint: '${env:MY_BACKEND:-localhost:4317}'}}\nservice: {pipelines: {traces: {receivers: [otlp], exporters: [otlp_grpc]}}}",
    fix: 'Write `${env:NAME}` with letters, digits and underscores, or `$$` for a `$` that is meant as text.',
  },
  {
    code: 'SL0418',
    title: 'further document ignored',
    severity: 'warning',
    explanation: 'A Collector configuration is one YAML document; what follows a line `---` is not read.',
    example:
      'receivers: {otlp: {protocols: {grpc: {}}}}\nexporters: {debug: {}}\nservice: {pipelines: {traces: {receivers: [otlp], exporters: [debug]}}}\n---\nexporters: {debug: {}}',
    fixed:
      'receivers: {otlp: {protocols: {grpc: {}}}}\nexporters: {debug: {}}\nservice: {pipelines: {traces: {receivers: [otlp], exporters: [debug]}}}',
    fix: 'Merge the documents into one.',
  },
  {
    code: 'SL0419',
    title: 'processor named twice',
    severity: 'error',
    explanation: 'A pipeline names the same processor twice. Each place in a pipeline needs a processor of its own.',
    example:
      'receivers: {otlp: {protocols: {grpc: {}}}}\nprocessors: {batch: {}}\nexporters: {debug: {}}\nservice: {pipelines: {traces: {receivers: [otlp], processors: [batch, batch], exporters: [debug]}}}',
    fixed:
      'receivers: {otlp: {protocols: {grpc: {}}}}\nprocessors: {batch: {}, batch/2: {}}\nexporters: {debug: {}}\nservice: {pipelines: {traces: {receivers: [otlp], processors: [batch, batch/2], exporters: [debug]}}}',
    fix: 'Remove one of the two, or define a second one such as `batch/2`.',
  },
  {
    code: 'SL0420',
    title: 'two queues in one folder',
    severity: 'error',
    explanation:
      'Two exporters would keep their queue on disk, or their dead letters, in the same folder, and each would take the files of the other for its own. A `sluice_queue` belongs to one exporter; a `file_storage` may be named by several, and gives each a folder of its own.',
    example:
      'receivers: {otlp: {protocols: {grpc: {}}}}\nextensions: {sluice_queue/a: {directory: /var/lib/sluice/a}, sluice_queue/b: {directory: /var/lib/sluice/a}}\nexporters:\n  otlp_grpc/a: {endpoint: "a:4317", sending_queue: {sizer: bytes, queue_size: 100000000, storage: sluice_queue/a}}\n  otlp_grpc/b: {endpoint: "b:4317", sending_queue: {sizer: bytes, queue_size: 100000000, storage: sluice_queue/b}}\nservice: {extensions: [sluice_queue/a, sluice_queue/b], pipelines: {traces: {receivers: [otlp], exporters: [otlp_grpc/a, otlp_grpc/b]}}}',
    fixed:
      'receivers: {otlp: {protocols: {grpc: {}}}}\nextensions: {sluice_queue/a: {directory: /var/lib/sluice/a}, sluice_queue/b: {directory: /var/lib/sluice/b}}\nexporters:\n  otlp_grpc/a: {endpoint: "a:4317", sending_queue: {sizer: bytes, queue_size: 100000000, storage: sluice_queue/a}}\n  otlp_grpc/b: {endpoint: "b:4317", sending_queue: {sizer: bytes, queue_size: 100000000, storage: sluice_queue/b}}\nservice: {extensions: [sluice_queue/a, sluice_queue/b], pipelines: {traces: {receivers: [otlp], exporters: [otlp_grpc/a, otlp_grpc/b]}}}',
    fix: 'Give each exporter an extension with a directory of its own.',
  },
];
