/** How a backend fails, told apart so that each has its own sentence and code (SL05xx). */
export type BackendFailureKind =
  | 'refused'
  | 'dns'
  | 'timeout'
  | 'reset'
  | 'protocol'
  | 'tls'
  | 'certificate'
  | 'credentials'
  | 'rejected'
  | 'throttled'
  | 'unavailable'
  | 'too_large'
  | 'disk';

export interface BackendFailure {
  readonly kind: BackendFailureKind;
  /** One sentence for people; never holds a header value, credential or telemetry. */
  readonly message: string;
}
