import { editDistance } from './suggest.ts';

const SECRET_KEY =
  /pass|secret|token|credential|auth|webhook|^api$|(?:api|license|shared|account|access)_?key|key\.pem$/;
const HEADER = /(?:^|_)header$/;
const SECRET_URL = /:\/\/[^/\s]*@|[?&][^=&\s]*(?:key|token|secret|sig|auth|pass)[^=&\s]*=/i;

/** Whether a header is what the option of Fluent Bit takes: its name, and what nobody should read. */
export function isHeaderSetting(key: string): boolean {
  return HEADER.test(key.toLowerCase());
}

/** Whether an option of Fluent Bit, by its name or by what its address says, holds what nobody should read. */
export function isSecretSetting(key: string, value: string): boolean {
  if (isHeaderSetting(key)) return true;
  if (/^(?:on|off|yes|no|true|false)$/i.test(value)) return false;
  return SECRET_KEY.test(key.toLowerCase()) || SECRET_URL.test(value);
}

/** In front of a secret in a header. */
const OPEN_HEADER = /^\S+(?:[ \t]+(?:apikey|basic|bearer|splunk|token))?$/i;

/**
 * Whether one of the lines is such an option, or one misspelt, as sections of Fluent Bit have them, and is more than names of
 * variables. Also written as YAML, or all on one line, as a folded text is.
 */
export function holdsSecretSetting(text: string): boolean {
  return /PRIVATE KEY-----/.test(text) || text.split('\n').some(isSecretLine);
}

const LINE = /^[ \t]*["']?([\w.-]+)["']?(?:[ \t]+|[ \t]*:[ \t]+|[ \t]*=(?!=)[ \t]*)(\S.*)$/;

function isSecretLine(line: string): boolean {
  const [, key = '', value = ''] = LINE.exec(line) ?? [];
  if (key.toLowerCase() === 'name')
    return value.split(/[ \t]+/).some((word) => isSecretSetting(word, '') || isNear(word));
  const written = value.replace(/\$\{[-.\w]+\}/g, '').trim();
  if (written === '' || (isHeaderSetting(key) && OPEN_HEADER.test(written))) return false;
  return isSecretSetting(key, written) || isNear(key);
}

const NEAR = ['header', 'password', 'passwd', 'secret', 'token', 'apikey', 'api_key', 'shared_key', 'license_key'];

function isNear(key: string): boolean {
  const lower = key.toLowerCase();
  return NEAR.some((secret) => [lower, ...lower.split(/[._-]/)].some((word) => editDistance(word, secret, 2) < 2));
}
