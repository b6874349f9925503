import type { CodeEntry } from './code-entry.ts';

/** What can be wrong with pipelines that are written correctly: SL03 lints, SL040x what they refer to. */
export const PIPELINE_CODES: readonly CodeEntry[] = [
  {
    code: 'SL0305',
    title: 'file output without rotation',
    severity: 'warning',
    explanation: 'A file that is never rotated grows until the disk is full.',
    example: 'output: {file: {path: ./spans.jsonl}}',
    fixed: 'output: {file: {path: ./spans.jsonl, rotation: {maxSize: 100Mi, maxBackups: 10}}}',
    fix: 'Add `rotation: {maxSize: 100Mi, maxBackups: 10}`.',
  },
  {
    code: 'SL0306',
    title: 'setting without effect',
    severity: 'warning',
    explanation: 'A buffer is set for an output that never makes data wait: standard output and files take what comes.',
    example: 'output: {stdout: {}}\ndelivery: {buffer: {maxSize: 64Mi}}',
    fixed: 'output: {stdout: {}}',
    fix: 'Remove the setting.',
  },
  {
    code: 'SL0307',
    title: 'pipeline without input',
    severity: 'warning',
    explanation:
      'Every input of the pipeline is switched off, so nothing would ever arrive. It is left out of what runs.',
    example: 'input: {otlp: {enabled: false}}',
    fixed: 'input: {otlp: {enabled: true}}',
    fix: 'Switch an input on, or remove the pipeline.',
  },
  {
    code: 'SL0308',
    title: 'path of OTLP twice',
    severity: 'warning',
    explanation:
      'Over HTTP, /v1/traces, /v1/metrics or /v1/logs, or what `path` says, is added to the endpoint, which ends with one already. A backend answers such requests with 404.',
    example: 'protocol: http\nendpoint: {value: http://backend:4318/v1/traces}',
    fixed: 'protocol: http\nendpoint: {value: http://backend:4318}',
    fix: 'Remove the path from the endpoint.',
  },
  {
    code: 'SL0309',
    title: 'buffer too small for what comes at once',
    severity: 'warning',
    explanation:
      'The log agent reads up to 100 lines at once, and they must fit into the buffer together. Lines that are long, up to 16 KiB, and kept beside what is made of them, take up to 4 MiB; what does not fit is tried again for 300 s, holds up what comes behind it, and is lost. A buffer that refuses, with `AtLeastOnce` or `onFull: Block`, takes requests as they are sent, up to 16 MiB; a larger one than itself it refuses each time.',
    example: 'delivery: {buffer: {maxSize: 1Mi}}   # of a LogPipeline',
    fixed: 'delivery: {buffer: {maxSize: 16Mi}}   # of a LogPipeline',
    fix: 'Use the size that the message names, or leave the default of 16Mi.',
  },
  {
    code: 'SL0310',
    title: 'delivery that the Collector shortens',
    severity: 'warning',
    explanation:
      'The stock Collector gives up a request of remote write after one minute, with hardly a pause between its tries, and at once when the receiver answers 429. The engine tries for five minutes, as both do with OTLP.',
    example: 'spec: {output: {prometheusRemoteWrite: {endpoint: {value: "http://prometheus:9090/api/v1/write"}}}}',
    fixed: 'spec: {output: {otlp: {endpoint: {value: "http://prometheus:4317"}}}}',
    fix: 'Run the pipeline with the engine (`collector: {distribution: sluice}` in Telemetry), or accept it.',
  },
  {
    code: 'SL0320',
    title: 'older version of the API',
    severity: 'warning',
    explanation: 'The resource is written in v1alpha1. It means the same and runs, but that version will go.',
    example:
      'apiVersion: telemetry.kyma-project.io/v1alpha1\nkind: LogPipeline\nspec: {input: {application: {enabled: true}}}',
    fixed:
      'apiVersion: telemetry.kyma-project.io/v1beta1\nkind: LogPipeline\nmetadata: {name: logs}\nspec: {input: {runtime: {enabled: true}}, output: {stdout: {}}}',
    fix: 'Write v1beta1; the message names the fields that have another name there.',
  },
  {
    code: 'SL0321',
    title: 'Telemetry without effect',
    severity: 'warning',
    explanation:
      'One Telemetry holds the settings of the whole installation: the one named `default`. Any other is left out.',
    example: 'apiVersion: operator.kyma-project.io/v1beta1\nkind: Telemetry\nmetadata: {name: telemetry}',
    fixed:
      'apiVersion: operator.kyma-project.io/v1beta1\nkind: Telemetry\nmetadata: {name: default, namespace: kyma-system}',
    fix: 'Call it `default`, or remove it.',
  },
  {
    code: 'SL0401',
    title: 'Secret not found',
    severity: 'error',
    explanation: 'A pipeline takes a value from a Secret that does not exist where it looks.',
    example: 'endpoint:\n  valueFrom: {secretKeyRef: {name: gone, namespace: obs, key: endpoint}}',
    fixed: 'endpoint:\n  valueFrom: {secretKeyRef: {name: jaeger, namespace: obs, key: endpoint}}',
    fix: 'Create the Secret, or correct its name and namespace.',
  },
  {
    code: 'SL0402',
    title: 'key not found in Secret',
    severity: 'error',
    explanation: 'The Secret exists, but has no such key.',
    example: 'headers:\n  - name: x-token\n    valueFrom: {secretKeyRef: {name: jaeger, namespace: obs, key: tokn}}',
    fixed: 'headers:\n  - name: x-token\n    valueFrom: {secretKeyRef: {name: jaeger, namespace: obs, key: token}}',
    fix: 'Use one of the keys that the message lists.',
  },
  {
    code: 'SL0403',
    title: 'two resources with one name',
    severity: 'error',
    explanation: 'Two resources of a kind have the same name. The first is used; which one was meant is not guessed.',
    example:
      'apiVersion: telemetry.kyma-project.io/v1beta1\nkind: TracePipeline\nmetadata: {name: jaeger}\nspec: {output: {stdout: {}}}\n---\napiVersion: telemetry.kyma-project.io/v1beta1\nkind: TracePipeline\nmetadata: {name: jaeger}\nspec: {output: {stdout: {}}}',
    fixed:
      'apiVersion: telemetry.kyma-project.io/v1beta1\nkind: TracePipeline\nmetadata: {name: jaeger}\nspec: {output: {stdout: {}}}\n---\napiVersion: telemetry.kyma-project.io/v1beta1\nkind: TracePipeline\nmetadata: {name: tempo}\nspec: {output: {stdout: {}}}',
    fix: 'Rename or remove one.',
  },
  {
    code: 'SL0404',
    title: 'no such pipeline',
    severity: 'error',
    explanation: 'The command names a pipeline that is not there.',
    example: 'sluice graph --pipeline tp/jager',
    fix: 'Use one of the names listed.',
  },
  {
    code: 'SL0405',
    title: 'too many pipelines for the memory',
    severity: 'error',
    explanation:
      'Each pipeline has a buffer of its own, so that none can take memory from another. The buffers of all pipelines no longer fit into the memory limit; the pipeline that would pass it is left out (MaxPipelinesExceeded).',
    example: 'buffer: {maxSize: 4Gi}   # and 2 GiB of memory',
    fixed: 'buffer: {maxSize: 64Mi}   # and 2 GiB of memory',
    fix: 'Raise the memory limit, or lower `spec.delivery.buffer.maxSize`.',
  },
  {
    code: 'SL0406',
    title: 'pipelines not connected',
    severity: 'error',
    explanation:
      'A pipeline of the Collector configuration has no receiver or exporter, names a component that is not defined, or its connectors lead nowhere or in a circle.',
    example:
      'receivers: {otlp: {protocols: {grpc: {}}}}\nexporters: {debug: {}}\nservice: {pipelines: {traces: {receivers: [otlp], exporters: [debug, debug]}}}',
    fixed:
      'receivers: {otlp: {protocols: {grpc: {}}}}\nexporters: {debug: {}}\nservice: {pipelines: {traces: {receivers: [otlp], exporters: [debug]}}}',
    fix: 'Define the component, or name one that is defined.',
  },
  {
    code: 'SL0407',
    title: 'certificate or key not usable',
    severity: 'error',
    explanation:
      'A certificate or private key is not PEM, is cut off, is encrypted with a password, or a client certificate comes without its key (TLSConfigurationInvalid). A Collector that is given one does not start, so the pipeline is left out.',
    example: 'tls:\n  cert: {value: client.crt}   # the name of a file, not its text\n  key: {value: client.key}',
    fixed:
      'tls:\n  cert: {valueFrom: {secretKeyRef: {name: jaeger, namespace: obs, key: tls.crt}}}\n  key: {valueFrom: {secretKeyRef: {name: jaeger, namespace: obs, key: tls.key}}}',
    fix: 'Put the whole text into the Secret, from `-----BEGIN` to the last `-----END` line; give `cert` and `key` together; remove the password of a key with `openssl pkey`.',
  },
  {
    code: 'SL0408',
    title: 'value empty',
    severity: 'error',
    explanation: 'A credential that must not be empty is: the key of the Secret is there, and holds nothing.',
    example:
      'authentication:\n  oauth2:\n    tokenURL: {value: https://login.example.com/token}\n    clientID: {value: me}\n    clientSecret: {valueFrom: {secretKeyRef: {name: jaeger, namespace: obs, key: empty}}}',
    fixed:
      'authentication:\n  oauth2:\n    tokenURL: {value: https://login.example.com/token}\n    clientID: {value: me}\n    clientSecret: {valueFrom: {secretKeyRef: {name: jaeger, namespace: obs, key: token}}}',
    fix: 'Put the value into the Secret.',
  },
  {
    code: 'SL0409',
    title: 'certificate expired',
    severity: 'error',
    explanation:
      'The client certificate of an output has expired, or every certificate of its CA has (TLSCertificateExpired). The backend would refuse every connection, or could not be trusted, so the pipeline is left out.',
    example:
      'tls:\n  cert: {valueFrom: {secretKeyRef: {name: jaeger, namespace: obs, key: tls.crt}}}   # valid until yesterday\n  key: {valueFrom: {secretKeyRef: {name: jaeger, namespace: obs, key: tls.key}}}',
    fix: 'Renew the certificate and put it into the Secret.',
  },
  {
    code: 'SL0410',
    title: 'certificate about to expire',
    severity: 'warning',
    explanation:
      'The client certificate or the CA of an output expires within two weeks (TLSCertificateAboutToExpire); the message has the date. From then on the pipeline is left out.',
    example:
      'tls:\n  ca: {valueFrom: {secretKeyRef: {name: jaeger, namespace: obs, key: ca.crt}}}   # valid until next week',
    fix: 'Renew the certificate and put it into the Secret.',
  },
];
