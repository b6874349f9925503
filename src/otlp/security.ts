/** What protects a connection and says who speaks on it; both ends of OTLP take these as values. */

/** Credentials that a client adds to its requests. */
export interface RequestCredentials {
  /**
   * Headers to add, names in lower case; their values are secrets and never shown. Rejects with a CodedError whose message
   * is fit for people when they cannot be had: the request then fails with the kind `credentials`.
   */
  headers(): Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /** The peer refused them (401 or UNAUTHENTICATED): whatever was cached must not be used again. */
  rejected?(): void;
}

/** TLS of a listener, PEM texts. With `clientCaPem` a client must show a certificate that this CA signed. */
export interface ServerTls {
  readonly certPem: string;
  readonly keyPem: string;
  readonly clientCaPem?: string;
  /** TLSv1.2 unless said otherwise. */
  readonly minVersion?: TlsVersion;
  readonly maxVersion?: TlsVersion;
}

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/** Which pages of other origins a browser may send from. Source: confighttp.CORSConfig at 0.149. */
export interface CorsPolicy {
  /** Origins; one `*` may stand in each for any text: `http://localhost:*`. */
  readonly allowedOrigins: readonly string[];
  /** Beside those a browser always allows; `*` for all. */
  readonly allowedHeaders: readonly string[];
  readonly maxAgeSeconds: number;
}

/** Request headers by lower-case name. */
export type RequestMetadata = Readonly<Record<string, readonly string[]>>;

/** Decides who may send; undefined lets the request in, a sentence refuses it as UNAUTHENTICATED. Must take the same time for every wrong secret. */
export type Authenticate = (metadata: RequestMetadata) => string | undefined | Promise<string | undefined>;
