/** Parsers of the parsers.conf that Fluent Bit's image has; what `Parser` and the annotation `fluentbit.io/parser` can name. */
export const SHIPPED_PARSERS: readonly string[] = [
  'apache',
  'apache2',
  'apache_error',
  'cri',
  'docker',
  'docker-daemon',
  'envoy',
  'filter-kube-test',
  'istio-envoy-proxy',
  'json',
  'k8s-nginx-ingress',
  'kube-custom',
  'logfmt',
  'mongodb',
  'nginx',
  'syslog-rfc3164',
  'syslog-rfc3164-local',
  'syslog-rfc5424',
];

/** Multiline parsers that are built in; what `multiline.parser` can name. */
export const BUILT_IN_MULTILINE_PARSERS: readonly string[] = ['cri', 'docker', 'go', 'java', 'python', 'ruby'];
