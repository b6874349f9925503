import { convertManifest, PIPELINE_KINDS, RESOURCES } from '../../apis/index.ts';
import { isRecord, MalformedReview, requestOf } from './admission-review.ts';

/** More names than these are counted. */
const MAX_NAMES = 10;

/**
 * Answers a ConversionReview, `apiextensions.k8s.io/v1`: all objects of a list, or none and the names of those that cannot be
 * converted. Throws MalformedReview.
 */
export function answerConversion(body: unknown): object {
  const request = requestOf(body, 'ConversionReview', 'apiextensions.k8s.io/v1');
  const { uid, desiredAPIVersion, objects } = request;
  if (typeof desiredAPIVersion !== 'string' || !Array.isArray(objects))
    throw new MalformedReview('ConversionReview without objects or a version');
  const results = objects.map((object) => converted(object, desiredAPIVersion));
  const failed = results.flatMap((result) => ('failure' in result ? [result.failure] : []));
  const response =
    failed.length === 0
      ? {
          uid,
          result: { status: 'Success' },
          convertedObjects: results.map((result) => 'object' in result && result.object),
        }
      : {
          uid,
          result: { status: 'Failure', reason: 'Invalid', message: messageOf(failed, desiredAPIVersion) },
          convertedObjects: [],
        };
  return { apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview', response };
}

function converted(object: unknown, apiVersion: string): { readonly object: object } | { readonly failure: string } {
  const kind = PIPELINE_KINDS.find((name) => isRecord(object) && name === object['kind']);
  if (kind === undefined || !isRecord(object)) return { failure: 'an object that is no pipeline' };
  const subject = `${kind} \`${nameOf(object)}\``;
  const known = Object.keys(RESOURCES[kind].versions).map((version) => `${RESOURCES[kind].group}/${version}`);
  if (!known.includes(apiVersion) || !known.includes(String(object['apiVersion'])))
    return { failure: `${subject}: no such version` };
  try {
    return { object: convertManifest(object, apiVersion) };
  } catch {
    return { failure: `${subject}: internal error` }; // its text may repeat what stands in the object
  }
}

function nameOf({ metadata }: Readonly<Record<string, unknown>>): string {
  return isRecord(metadata) && typeof metadata['name'] === 'string' ? metadata['name'] : '';
}

function messageOf(failed: readonly string[], apiVersion: string): string {
  const rest = failed.length - MAX_NAMES;
  const list = failed.slice(0, MAX_NAMES).join(', ');
  return `cannot be converted to ${apiVersion}: ${list}${rest > 0 ? ` and ${rest} more` : ''}`;
}
