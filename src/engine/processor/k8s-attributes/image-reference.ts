/** What stands in the name of an image. */
export interface ImageReference {
  /** With registry and path, as it was written. */
  readonly repository: string;
  readonly tag: string | undefined;
  /** `sha256:…`. */
  readonly digest: string | undefined;
}

const COMPONENT = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const DOMAIN = `(?:${COMPONENT}(?:\\.${COMPONENT})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const PATH_PART = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const REFERENCE = new RegExp(
  `^((?:${DOMAIN}/)?${PATH_PART}(?:/${PATH_PART})*)(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@([A-Za-z0-9_+.-]+:[0-9a-fA-F]{32,}))?$`,
);
const DIGEST = /^(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$/;
const MAX_REPOSITORY = 255;
const MAX_IMAGE = 1024;

/** Undefined for what is no reference of an image. Source: the grammar of github.com/distribution/reference. */
export function parseImage(image: string): ImageReference | undefined {
  const [, repository, tag, digest] = (image.length > MAX_IMAGE ? undefined : REFERENCE.exec(image)) ?? [];
  if (repository === undefined || repository.length > MAX_REPOSITORY) return undefined;
  if (digest !== undefined && !DIGEST.test(digest)) return undefined;
  return { repository, tag, digest };
}

/** Its full name with the digest, which a node tells of an image it runs; undefined for one without a digest. */
export function canonicalImage(imageId: string): string | undefined {
  if (/^[a-f0-9]{64}$/.test(imageId) || DIGEST.test(imageId)) return undefined;
  const reference = parseImage(fullName(imageId));
  if (reference?.digest === undefined) return undefined;
  const { repository, tag, digest } = reference;
  return `${repository}${tag === undefined ? '' : `:${tag}`}@${digest}`;
}

/** `nginx` is short for `docker.io/library/nginx`. */
function fullName(image: string): string {
  const slash = image.indexOf('/');
  const first = image.slice(0, Math.max(0, slash));
  const isDomain = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  const [domain, path] = isDomain ? [first, image.slice(slash + 1)] : ['docker.io', image];
  if (domain !== 'docker.io' && domain !== 'index.docker.io') return image;
  return `docker.io/${path.includes('/') ? path : `library/${path}`}`;
}
