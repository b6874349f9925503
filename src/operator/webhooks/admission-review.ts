/** An object as the API server sends it for admission. Only what is looked at. */
export interface AdmittedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name?: string;
    readonly generateName?: string;
    readonly namespace?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: unknown;
}

/** The request of an AdmissionReview, `admission.k8s.io/v1`. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly object: AdmittedObject;
  /** Of an update: what is stored, in the same version. */
  readonly oldObject: AdmittedObject | undefined;
}

/** The API server's Status, as far as a refusal needs it. Source: API conventions, "Response Status Kind". */
export interface RefusalStatus {
  readonly metadata: object;
  readonly status: 'Failure';
  readonly reason: 'Invalid';
  readonly code: 422;
  readonly message: string;
  readonly details: {
    readonly group: string;
    readonly kind: string;
    readonly name: string;
    readonly causes: readonly StatusCause[];
  };
}

export interface StatusCause {
  readonly reason: string;
  readonly field: string;
  readonly message: string;
}

export interface AdmissionAnswer {
  /** Absent: allowed. */
  readonly refusal?: RefusalStatus;
  readonly warnings?: readonly string[];
  /** JSON Patch (RFC 6902) of an allowed object. */
  readonly patch?: readonly object[];
}

/** The body of a request cannot be what the API server sends. */
export class MalformedReview extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MalformedReview';
  }
}

/** Throws MalformedReview. `kind`: what the path is for. */
export function readAdmissionReview(body: unknown, kind: string): AdmissionRequest {
  const { uid, object, oldObject } = requestOf(body, 'AdmissionReview', 'admission.k8s.io/v1');
  return {
    uid: uid as string,
    object: admittedObject(object, kind),
    oldObject: oldObject === undefined || oldObject === null ? undefined : admittedObject(oldObject, kind),
  };
}

export function writeAdmissionReview(uid: string, { refusal, warnings = [], patch = [] }: AdmissionAnswer): object {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid,
      allowed: refusal === undefined,
      ...(refusal === undefined ? {} : { status: refusal }),
      ...(warnings.length === 0 ? {} : { warnings }),
      ...(patch.length === 0
        ? {}
        : { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') }),
    },
  };
}

/** The request of a review that has an identity. */
export function requestOf(body: unknown, kind: string, apiVersion: string): Readonly<Record<string, unknown>> {
  if (!isRecord(body) || body['kind'] !== kind || body['apiVersion'] !== apiVersion)
    throw new MalformedReview(`not a ${kind} of ${apiVersion}`);
  const { request } = body;
  if (!isRecord(request) || typeof request['uid'] !== 'string') throw new MalformedReview(`${kind} without a request`);
  return request;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function admittedObject(value: unknown, kind: string): AdmittedObject {
  if (!isRecord(value) || value['kind'] !== kind || typeof value['apiVersion'] !== 'string')
    throw new MalformedReview(`the object is not a ${kind}`);
  const { metadata } = value;
  if (!isRecord(metadata)) throw new MalformedReview('the object has no metadata');
  for (const name of ['labels', 'annotations'])
    if (metadata[name] !== undefined && !isRecord(metadata[name])) throw new MalformedReview(`${name} are no map`);
  for (const name of ['name', 'generateName'])
    if (metadata[name] !== undefined && typeof metadata[name] !== 'string')
      throw new MalformedReview(`${name} is no text`);
  return value as unknown as AdmittedObject;
}
