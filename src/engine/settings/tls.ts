import { type Static, Type } from 'typebox';
import { Secret, settingsObject } from './schema.ts';

const keyMaterial = {
  ca_file: Type.String(),
  ca_pem: Type.String(),
  cert_file: Type.String(),
  cert_pem: Type.String(),
  key_file: Type.String(),
  key_pem: Secret,
};

/** `tls` of an exporter, as configtls.ClientConfig. */
export const TlsClientConfig = settingsObject({
  ...keyMaterial,
  insecure: Type.Boolean(),
  insecure_skip_verify: Type.Boolean(),
  server_name_override: Type.String(),
});
export type TlsClientConfig = Static<typeof TlsClientConfig>;
