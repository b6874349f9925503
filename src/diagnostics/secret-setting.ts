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
const SCHEME = 'apikey|basic|bearer|splunk|token';
const OPEN_HEADER = new RegExp(`^\\S+(?:[ \\t]+(?:${SCHEME}))?$`, 'i');

/** Whether one of the lines is such an option, as sections of Fluent Bit have them, and is more than names of variables. */
export function holdsSecretSetting(text: string): boolean {
  return text.split('\n').some((line) => {
    const [, key, value] = /^[ \t]*([\w.-]+)[ \t]+(\S.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined) return false;
    const written = value.replace(/\$\{[-.\w]+\}/g, '').trim();
    if (written === '' || (isHeaderSetting(key) && OPEN_HEADER.test(written))) return false;
    return isSecretSetting(key, written);
  });
}
