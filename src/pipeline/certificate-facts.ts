/** What only a cryptographic library can tell. */
export interface CertificateFacts {
  /** Whether every certificate of a PEM text can be read. */
  canRead(certificates: string): boolean;
  /** Whether the first certificate is that of the private key. */
  belongTogether(certificates: string, key: string): boolean;
  /** When each certificate of a PEM text ends, wall clock in ms; empty where one cannot be read. */
  expiries(certificates: string): readonly number[];
}
