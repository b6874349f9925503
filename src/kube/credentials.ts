/** What a TLS connection to the API server is made with, as node:tls takes it. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

export interface RequestIdentity {
  /** `authorization` and impersonation; their values never appear in messages. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
}

/** Who we are to the API server. */
export interface Credentials {
  /** For the next request; reads files again, or runs a plugin, when it is time. */
  current(): Promise<RequestIdentity>;
  /** The server did not know us: nothing that is remembered may be used again. */
  forget(): void;
}
