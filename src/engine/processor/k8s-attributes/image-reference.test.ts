import { describe, expect, it } from 'vitest';
import { canonicalImage, parseImage } from './image-reference.ts';

const SHA = `sha256:${'0a'.repeat(32)}`;

describe('the name of an image', () => {
  it.each([
    ['nginx', 'nginx', undefined, undefined],
    ['nginx:1.27', 'nginx', '1.27', undefined],
    ['localhost:5000/a/b_c:v1', 'localhost:5000/a/b_c', 'v1', undefined],
    ['[2001:db8::1]:5000/a', '[2001:db8::1]:5000/a', undefined, undefined],
    [`ghcr.io/team/app:1.2@${SHA}`, 'ghcr.io/team/app', '1.2', SHA],
    [`app@${SHA}`, 'app', undefined, SHA],
  ])('%s has its parts', (image, repository, tag, digest) => {
    expect(parseImage(image)).toEqual({ repository, tag, digest });
  });

  it.each([
    '',
    'aaa:',
    'Upper',
    'a//b',
    `app@sha256:${'0a'.repeat(16)}`,
    `app@md5:${'0a'.repeat(32)}`,
    'a'.repeat(300),
  ])('%s is none', (image) => {
    expect(parseImage(image)).toBeUndefined();
  });

  it.each([
    [`nginx@${SHA}`, `docker.io/library/nginx@${SHA}`],
    [`team/app@${SHA}`, `docker.io/team/app@${SHA}`],
    [`index.docker.io/app@${SHA}`, `docker.io/library/app@${SHA}`],
    [`ghcr.io/team/app:1@${SHA}`, `ghcr.io/team/app:1@${SHA}`],
    [SHA, undefined],
    ['nginx:1.27', undefined],
    [`docker-pullable://nginx@${SHA}`, undefined],
  ])('of %s is in full %s', (image, expected) => {
    expect(canonicalImage(image)).toBe(expected);
  });
});
