/**
 * Settings that hold text in every component that has them. The Collector knows a setting's type when it expands
 * `${env:X}` and gives text settings the variable's text (`00123` stays `00123`), others the YAML value it stands for.
 * Our loader runs before any component, so this table tells it which settings are text.
 */
const TEXT_KEYS: ReadonlySet<string> = new Set([
  'authority',
  'auth_type',
  'authenticator',
  'ca_file',
  'ca_pem',
  'cert_file',
  'cert_pem',
  'client_id',
  'client_secret',
  'compression',
  'directory',
  'endpoint',
  'format',
  'host',
  'key_file',
  'key_pem',
  'logs_endpoint',
  'metrics_endpoint',
  'password',
  'path',
  'server_name_override',
  'token_url',
  'traces_endpoint',
  'username',
]);

/** Mappings whose every value is text, or a list of texts, whatever its key. */
const TEXT_MAPS: ReadonlySet<string> = new Set(['headers', 'response_headers', 'endpoint_params', 'labels']);

/** Whether the setting at `path` is text. `path` is that of the value, from the top of the document. */
export function isTextSetting(path: readonly (string | number)[]): boolean {
  const key = path.at(-1);
  const parent = path.at(-2);
  if (typeof parent === 'string' && TEXT_MAPS.has(parent)) return true;
  if (typeof key === 'number' && TEXT_MAPS.has(String(path.at(-3)))) return true;
  if (typeof parent === 'number' && TEXT_MAPS.has(String(path.at(-3)))) return key === 'name' || key === 'value';
  return typeof key === 'string' && TEXT_KEYS.has(key);
}
