import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerAdmission } from './admission.ts';
import { MalformedReview, readAdmissionReview, writeAdmissionReview } from './admission-review.ts';
import { answerConversion } from './conversion-review.ts';

const object = { apiVersion: 'telemetry.kyma-project.io/v1beta1', kind: 'TracePipeline', metadata: { name: 'a' } };

function review(request: unknown): object {
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };
}

describe('an AdmissionReview', () => {
  it('is read as the API server sends it', () => {
    expect(readAdmissionReview(review({ uid: 'u', object, oldObject: null }), 'TracePipeline')).toEqual({
      uid: 'u',
      object,
      oldObject: undefined,
    });
    expect(readAdmissionReview(review({ uid: 'u', object, oldObject: object }), 'TracePipeline').oldObject).toBe(
      object,
    );
  });

  it('is refused where it is none, or of another kind than its path', () => {
    const malformed = [
      null,
      [],
      review(undefined),
      review({ object }),
      review({ uid: 'u' }),
      review({ uid: 'u', object: { ...object, kind: 'LogPipeline' } }),
      review({ uid: 'u', object: { ...object, metadata: null } }),
      { ...review({ uid: 'u', object }), apiVersion: 'admission.k8s.io/v1beta1' },
    ];
    for (const body of malformed) expect(() => readAdmissionReview(body, 'TracePipeline')).toThrow(MalformedReview);
  });

  it('is answered with its uid, and a patch as JSON Patch', () => {
    const patch = [{ op: 'add', path: '/spec/input', value: {} }];
    expect(writeAdmissionReview('u', { patch })).toMatchObject({
      response: {
        uid: 'u',
        allowed: true,
        patchType: 'JSONPatch',
        patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
      },
    });
    expect(writeAdmissionReview('u', { patch: [], warnings: [] })).toMatchObject({
      response: { uid: 'u', allowed: true },
    });
  });
});

describe('reviews of anything', () => {
  const key = fc.constantFrom('uid', 'request', 'object', 'oldObject', 'objects', 'metadata', 'annotations', 'spec');
  const anything = fc.oneof(fc.object({ key, maxDepth: 4 }), fc.jsonValue());

  it('are answered or malformed, nothing else', () => {
    const metadata = fc.record({ name: fc.jsonValue(), annotations: fc.jsonValue(), labels: fc.jsonValue() });
    const request = fc.oneof(
      anything,
      fc.record({ uid: fc.string(), object: fc.record({ ...constants(object), metadata, spec: anything }) }),
    );
    fc.assert(
      fc.property(request, (one) => {
        try {
          const { uid, ...rest } = readAdmissionReview(review(one), 'TracePipeline');
          writeAdmissionReview(uid, answerAdmission('validate', { uid, ...rest }, {}));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedReview);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('of conversion likewise', () => {
    const converted = fc.record({
      uid: fc.string(),
      desiredAPIVersion: fc.constantFrom('telemetry.kyma-project.io/v1alpha1', 'x/v1'),
      objects: fc.array(fc.oneof(anything, fc.record({ ...constants(object), metadata: anything, spec: anything }))),
    });
    fc.assert(
      fc.property(fc.oneof(anything, converted), (request) => {
        try {
          answerConversion({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview', request });
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedReview);
        }
      }),
      { numRuns: 500 },
    );
  });
});

function constants({ apiVersion, kind }: typeof object) {
  return { apiVersion: fc.constant(apiVersion), kind: fc.constant(kind) };
}
