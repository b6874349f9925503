import type { CodeEntry } from './code-entry.ts';

/** What can go wrong while running: SL05 backends, SL06 this machine. */
export const RUNTIME_CODES: readonly CodeEntry[] = [
  {
    code: 'SL0501',
    title: 'connection refused',
    severity: 'error',
    explanation:
      'Nothing listens at the backend address, or the connection ends before an answer. Data waits in the pipeline’s buffer and is sent once the backend answers.',
    example: 'tracepipeline/jaeger cannot deliver to localhost:14317',
    fix: 'Start the backend, or correct the endpoint: 4317 is usually gRPC, 4318 HTTP. A test backend: sluice sink --port 14317',
  },
  {
    code: 'SL0502',
    title: 'backend name not found',
    severity: 'error',
    explanation: 'The host name of the endpoint has no address in DNS.',
    example: 'endpoint: {value: "jaeger.obs:4317"} outside the cluster',
    fix: 'Correct the host name; from outside a cluster, service names do not resolve.',
  },
  {
    code: 'SL0503',
    title: 'another protocol, or another path of the backend',
    severity: 'error',
    explanation:
      'The port answered, but not in the protocol of the output, or not at its path: over HTTP it said 404, 405 or 415. The other way round, a sender spoke something else than OTLP to the ports of `sluice up`; what it was stands beside the code.',
    example: 'protocol: grpc with port 4318; a browser on port 4318',
    fix: 'Set `protocol: http`, or use the gRPC port (usually 4317). After a 404, correct `path` or the path in the endpoint. In a sender, use an OTLP exporter.',
  },
  {
    code: 'SL0504',
    title: 'TLS handshake failed',
    severity: 'error',
    explanation: 'One side wants TLS and the other speaks plain text, or they share no TLS version.',
    example: 'an endpoint without http:// towards a plain-text port',
    fix: 'Plain text: set `tls: {insecure: true}` or write http://. TLS: use the TLS port of the backend.',
  },
  {
    code: 'SL0505',
    title: 'certificate not accepted',
    severity: 'error',
    explanation:
      'The certificate of the backend has expired, is for another name, or is signed by a CA that is not trusted.',
    example: 'a backend with a self-signed certificate',
    fix: 'Renew the certificate or trust its CA. For a test: `tls: {insecureSkipVerify: true}`.',
  },
  {
    code: 'SL0506',
    title: 'credentials refused',
    severity: 'error',
    explanation: 'The backend answered 401 or 403 (gRPC: Unauthenticated, PermissionDenied).',
    example: 'an expired token in an Authorization header',
    fix: 'Correct the header or credentials of the output.',
  },
  {
    code: 'SL0507',
    title: 'data rejected by the backend',
    severity: 'error',
    explanation:
      'The backend took the request but rejected all or some of the items for good. They are counted as lost, as they would be rejected again. For a pipeline with AtLeastOnce the engine keeps them as dead letters.',
    example: '400: label name invalid, 12 of 50 points',
    fix: 'Correct the data at its source, or the limits of the backend; then `sluice deadletter replay` sends what was kept.',
  },
  {
    code: 'SL0508',
    title: 'backend overloaded or unavailable',
    severity: 'error',
    explanation:
      'The backend answers, but asks to come back later, is unavailable, or does not answer in time. Data waits in the buffer.',
    example: '503 Service Unavailable; 429 Too Many Requests; no answer within 10 s',
    fix: 'Look at the backend. Nothing is lost until the buffer is full.',
  },
  {
    code: 'SL0600',
    title: 'an engine is already running',
    severity: 'error',
    explanation: 'Another Sluice holds these ports or this data directory.',
    example: 'sluice up, twice',
    fix: 'Use it (sluice status), stop it, or start on other ports (--port-offset 100).',
  },
  {
    code: 'SL0601',
    title: 'port in use',
    severity: 'error',
    explanation: 'Another program listens on a port that Sluice needs.',
    example: 'an OpenTelemetry Collector on 4317',
    fix: 'Stop it, or choose other ports: --port-offset 100, or --otlp-grpc, --otlp-http and --ui.',
  },
  {
    code: 'SL0602',
    title: 'cannot bind the address',
    severity: 'error',
    explanation: 'The address does not belong to this machine, or the port needs privileges.',
    example: '--otlp-http 80 without root',
    fix: 'Use an address of this machine and a port above 1023.',
  },
  {
    code: 'SL0603',
    title: 'data directory not usable',
    severity: 'error',
    explanation:
      'The data directory cannot be created, is not writable, or is locked by another engine; or the queues on disk there are: two engines on one queue would destroy it.',
    example: '--data /var/lib/sluice without permission',
    fix: 'Choose another directory with --data, stop the other engine, or correct the permissions.',
  },
  {
    code: 'SL0604',
    title: 'file cannot be read',
    severity: 'error',
    explanation:
      'A file given on the command line is not there, is a directory without YAML files, or may not be read.',
    example: 'sluice up -f telemtry.yaml',
    fix: 'Correct the path.',
  },
  {
    code: 'SL0605',
    title: 'file cannot be written',
    severity: 'error',
    explanation:
      'The file of an output could not be created or written: the disk is full, a folder in its path is a file, or permissions are missing.',
    example: 'a file output without rotation',
    fix: 'Free space, or add rotation to the file output; or correct its path or the permissions of the folder.',
  },
  {
    code: 'SL0607',
    title: 'nothing left to run',
    severity: 'error',
    explanation: 'Files were given, but each pipeline in them has an error, so the engine would run nothing.',
    example: 'sluice up -f broken.yaml',
    fix: 'Mend the errors that are listed, or run without -f to use the built-in pipelines.',
  },
  {
    code: 'SL0608',
    title: 'file cannot be written',
    severity: 'error',
    explanation: 'A file that an option names could not be written: its folder is missing, or may not be written to.',
    example: 'sluice up --ready-file /root/ready.json',
    fix: 'Choose a file in a folder that exists and that you may write to.',
  },
  {
    code: 'SL0609',
    title: 'the engine does not take the new configuration',
    severity: 'error',
    explanation:
      'The files are valid, but the engine cannot run what they say. The pipeline to blame keeps its last version, or is left out when it has none; where none can be told, everything runs as it did before.',
    example: 'a file output in a folder that may not be written to, added while the engine runs',
    fix: 'Mend what the message names and save again. Nothing was lost by the attempt.',
  },
  {
    code: 'SL0610',
    title: 'the topology changes at the next start',
    severity: 'warning',
    explanation:
      'A Telemetry resource asks for another topology than the one that runs. Processes are arranged when the engine starts; all else changes while it runs. One that is applied does not count.',
    example: 'topology: {type: PerSignal}, written while sluice up runs with Shared',
    fix: 'Write it into a file of sluice up, stop that and start it again.',
  },
  {
    code: 'SL0611',
    title: 'not an applied resource',
    severity: 'error',
    explanation: 'The pipeline comes from a file that the engine watches; deleting it there is the way to end it.',
    example: 'sluice delete tracepipeline/demo, where demo stands in telemetry.yaml',
    fix: 'Remove it from the file that the message names; the engine takes that up at once.',
  },
  {
    code: 'SL0612',
    title: 'secrets that others can read',
    severity: 'warning',
    explanation: 'A file named by --secrets may be read by other users of this machine.',
    example: 'sluice up --secrets secrets.yaml, with mode 0644',
    fix: 'chmod 600 FILE',
  },
  {
    code: 'SL0613',
    title: 'input that reads a cluster',
    severity: 'warning',
    explanation:
      'The input collects from the nodes, Pods or API server of a Kubernetes cluster, and the pipeline runs on one machine. Its other inputs run.',
    example: 'input: {runtime: {enabled: true}}, with sluice up',
    fixed: 'input: {runtime: {enabled: false}}, with sluice up',
    fix: 'Nothing, if the file is meant for a cluster; else set `enabled: false`.',
  },
  {
    code: 'SL0614',
    title: 'output of Fluent Bit',
    severity: 'warning',
    explanation:
      'The outputs `http` and `custom` of a LogPipeline are run by Fluent Bit on the nodes of a Kubernetes cluster, which this machine is not. The pipeline is left out.',
    example: 'output: {http: {host: {value: logs.example.com}}}, with sluice up',
    fixed: 'output: {otlp: {endpoint: {value: "localhost:4317"}}}, with sluice up',
    fix: 'Nothing, if the file is meant for a cluster; else use `output.otlp`.',
  },
  {
    code: 'SL0615',
    title: 'a queue on disk that nothing sends',
    severity: 'warning',
    explanation:
      'What was acknowledged with `AtLeastOnce`, or kept with `storage: Disk`, stays on disk until it is delivered. The pipeline that filled this queue was renamed or deleted before its backlog was gone, or sends by another protocol now, so no exporter empties it. It is kept, and named at each start.',
    example: 'the pipeline `archive` renamed to `archive-eu` while `sluice up` was stopped and 1,204 spans waited',
    fixed: 'the pipeline `archive` beside `archive-eu` until its queue is empty',
    fix: 'Run the pipeline under the name and with the protocol that the message says until its queue is empty, or remove the folder.',
  },
  {
    code: 'SL0620',
    title: 'clock of a sender differs',
    severity: 'warning',
    explanation:
      'The newest items carry a time more than 10 min after, or more than 1 h before, the moment they came. Backends refuse or hide such data: many take nothing from more than 10 min ahead, and their pages show the last hour.',
    example: 'spans from a container whose host was suspended',
    fix: 'Set the clock of the sender (NTP). Old times also come from a sender that caught up after an outage, or from a replay; then nothing is wrong.',
  },
  {
    code: 'SL0621',
    title: 'no pipeline takes this signal',
    severity: 'warning',
    explanation:
      'Senders deliver traces, metrics or logs for which no pipeline runs. They can be looked at under Explore for a while and go nowhere else.',
    example: 'an app that sends logs while there is only a TracePipeline',
    fix: 'Write a TracePipeline, MetricPipeline or LogPipeline for the signal, or switch it off in the app: OTEL_LOGS_EXPORTER=none.',
  },
  {
    code: 'SL0622',
    title: 'a process of the topology is down or hangs',
    severity: 'error',
    explanation:
      'One of the processes that run the pipelines died and is started again, could not be started, or does not answer. Senders are asked to retry; what it held in memory is lost when it dies, and waits while it hangs.',
    example: 'trace-gateway was killed by SIGKILL',
    fix: 'Look at what `sluice up` printed. A process that is killed again and again usually needs more memory: --max-memory. One that hangs was usually stopped from outside, or the machine is out of memory; if it does not come back, kill it, and it is started again.',
  },
  {
    code: 'SL0623',
    title: 'a rule fails on data',
    severity: 'warning',
    explanation:
      'A statement or condition of a transform or filter is right as it is written and could not be evaluated for some of the data of the last 5 minutes: a value has another type than it needs, or none. Such data passes as if the rule were not there, as in the Collector with `error_mode: ignore`. Nothing is lost, and nothing is changed that should have been.',
    example:
      'transform: [{statements: [\'set(log.attributes["user"], ParseJSON(log.body)["user"])\']}] and a log that is no JSON',
    fix: 'Let the rule run only where it can: add `where IsString(log.body)`, `where IsMap(log.body)` or `where log.attributes["x"] != nil`. The Draft tab of the pipeline in the UI shows what a rule does to the newest items before it runs.',
  },
  {
    code: 'SL0624',
    title: 'a pipeline filters everything',
    severity: 'warning',
    explanation:
      'All data that arrived for a pipeline since the start was left out by its filters or by the namespaces of its input. Its backend has got nothing.',
    example:
      'filter: [{conditions: [\'resource.attributes["service.name"] != "Checkout"\']}] and a service that is called checkout',
    fix: 'Look at the rule that is named. A filter drops what its condition is true for; conditions that say what to keep have to be turned round: `not (...)`. The Draft tab of the pipeline in the UI shows which rule drops which item.',
  },
];
