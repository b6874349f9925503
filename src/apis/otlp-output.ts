import {
  type CelRule,
  type Data,
  defaulted,
  flag,
  list,
  object,
  oneOf,
  optional,
  storedDefault,
  text,
  textMap,
} from './schema.ts';
import { header, secretValueType, valueType } from './value-type.ts';

const basic = object('User name and password, sent with every request.', {
  user: secretValueType('User name.'),
  password: secretValueType('Password.'),
});

const oauth2 = object('OAuth2 client credentials.', {
  tokenURL: valueType(
    'URL of the token endpoint.',
    [
      {
        rule: "!has(self.value) || self.value == '' || isURL(self.value)",
        message: "'tokenURL' must be a valid URL",
        fieldPath: '.value',
      },
    ],
    'https://auth.example.com/token',
  ),
  clientID: secretValueType('Client id.'),
  clientSecret: secretValueType('Client secret.'),
  scopes: optional(list('Scopes to ask for.', text('A scope.', { example: 'telemetry.write' }))),
  params: optional(
    textMap('Further parameters of the token request.', { type: 'string', format: 'password', example: 'telemetry' }),
  ),
});

/** Of an output over HTTP. */
export const authentication = object(
  'How to authenticate at the backend.',
  { basic: optional(basic), oauth2: optional(oauth2) },
  [
    {
      rule: '!(has(self.basic) && has(self.oauth2))',
      message: 'Only one authentication method can be specified',
      fieldPath: '.oauth2',
      reason: 'FieldValueForbidden',
    },
  ],
);

export const outputTls = object(
  'TLS of the connection to the backend.',
  {
    insecure: optional(defaulted(false, flag('Send in plain text. A scheme in the endpoint wins.'))),
    insecureSkipVerify: optional(defaulted(false, flag('Accept any certificate of the backend.'))),
    ca: optional(valueType('CA certificate that signed the certificate of the backend, PEM.')),
    cert: optional(valueType('Client certificate, PEM.')),
    key: optional(secretValueType('Private key of the client certificate, PEM.')),
  },
  [{ rule: 'has(self.cert) == has(self.key)', message: "Can define either both 'cert' and 'key', or neither" }],
);

/** Rules of the OTLP output, for the API server. What it cannot say is checked by rules.ts. */
const OTLP_OUTPUT_RULES: readonly CelRule[] = [
  {
    rule: "!(has(self.path) && size(self.path) > 0) || (has(self.protocol) && self.protocol == 'http')",
    message: 'Path is only available with HTTP protocol',
    fieldPath: '.path',
    reason: 'FieldValueForbidden',
  },
  {
    rule: "!(has(self.authentication) && has(self.authentication.oauth2) && has(self.tls) && has(self.tls.insecure) && self.tls.insecure && (!has(self.protocol) || self.protocol == 'grpc'))",
    message: 'OAuth2 authentication requires TLS when using gRPC protocol',
    fieldPath: '.tls.insecure',
  },
];

const COMPRESSIONS = ['none', 'gzip', 'snappy', 'zstd'] as const;

const otlpOutputFields = {
  protocol: optional(storedDefault('grpc', oneOf('Protocol of the backend.', ['grpc', 'http']))),
  endpoint: valueType(
    'Where the backend listens. grpc: host:port; http: a URL, to which /v1/traces, /v1/metrics or /v1/logs is added.',
    [],
    'https://backend.example.com:4317',
  ),
  path: optional(
    text('Path of the request instead of /v1/traces, /v1/metrics or /v1/logs. Only with protocol http.', {
      example: '/otlp/v1',
    }),
  ),
  authentication: optional(authentication),
  headers: optional(list('Headers sent with every request.', header)),
  tls: optional(outputTls),
  compression: optional(defaulted('gzip', oneOf('Compression of the requests.', COMPRESSIONS))),
};

export const otlpOutput = object('Sends to a backend by OTLP.', otlpOutputFields, OTLP_OUTPUT_RULES);

export const metricOtlpOutput = object(
  'Sends to a backend by OTLP.',
  {
    ...otlpOutputFields,
    temporality: optional(
      storedDefault(
        'preserve',
        oneOf('preserve sends sums as they came; delta converts cumulative ones.', ['preserve', 'delta']),
      ),
    ),
  },
  OTLP_OUTPUT_RULES,
);

/** An OTLP output as written by the user. */
export type OtlpOutputConfig = Data<typeof metricOtlpOutput>;
