import { describe, expect, it } from 'vitest';
import { MalformedReview } from './admission-review.ts';
import { answerConversion } from './conversion-review.ts';

const [OLD, NEW] = ['telemetry.kyma-project.io/v1alpha1', 'telemetry.kyma-project.io/v1beta1'];

function review(desiredAPIVersion: string, objects: readonly unknown[]) {
  const request = { uid: 'u', desiredAPIVersion, objects };
  return answerConversion({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview', request }) as {
    readonly response: { readonly result: object; readonly convertedObjects: readonly object[] };
  };
}

const logPipeline = (index: number) => ({
  apiVersion: OLD,
  kind: 'LogPipeline',
  metadata: { name: `p${index}`, uid: `${index}` },
  spec: {
    input: { application: { enabled: true } },
    output: { http: { host: { value: 'a' }, tls: { disabled: true } } },
  },
});

describe('a ConversionReview', () => {
  it('is answered with all objects of a list, in their order', () => {
    const { response } = review(
      NEW,
      Array.from({ length: 500 }, (_, index) => logPipeline(index)),
    );
    expect(response).toMatchObject({ uid: 'u', result: { status: 'Success' } });
    expect(response.convertedObjects).toHaveLength(500);
    expect(response.convertedObjects[7]).toMatchObject({
      apiVersion: NEW,
      metadata: { name: 'p7', uid: '7' },
      spec: { input: { runtime: { enabled: true } }, output: { http: { tls: { insecure: true } } } },
    });
  });

  it('loses nothing there and back', () => {
    const there = review(NEW, [logPipeline(1)]).response.convertedObjects;
    expect(review(OLD, there).response.convertedObjects).toEqual([logPipeline(1)]);
  });

  it('names what cannot be converted, and then converts nothing', () => {
    const { response } = review(NEW, [logPipeline(1), { ...logPipeline(2), apiVersion: 'x/v1' }, { kind: 'Pod' }]);
    expect(response.result).toEqual({
      status: 'Failure',
      reason: 'Invalid',
      message: `cannot be converted to ${NEW}: LogPipeline \`p2\`: no such version, an object that is no pipeline`,
    });
    expect(response.convertedObjects).toEqual([]);
  });

  it('is refused where it is none', () => {
    for (const body of [null, 1, [], {}, { kind: 'ConversionReview', apiVersion: 'v1' }])
      expect(() => answerConversion(body)).toThrow(MalformedReview);
  });
});
