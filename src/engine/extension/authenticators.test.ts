import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { testDeps } from '../../../test/testkit/engine.ts';
import { createFakeClock } from '../../../test/testkit/fake-clock.ts';
import type { ComponentConfig, ComponentId } from '../../otelcol/index.ts';
import type { ExtensionFactory } from '../component.ts';
import { basicAuthExtension } from './basic-auth.ts';
import { bearerTokenAuthExtension } from './bearer-token-auth.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function fileWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-auth-'));
  folders.push(folder);
  const file = join(folder, 'secret');
  writeFileSync(file, text);
  return file;
}

async function started(factory: ExtensionFactory, settings: object, clock = createFakeClock()) {
  const context = { id: 'auth' as ComponentId, deps: testDeps(clock), ready: () => true };
  const extension = factory.create(settings as ComponentConfig, context);
  await extension.start();
  return {
    authenticate: (header: string) => extension.authenticate?.({ authorization: [header] }),
    extension,
  };
}

const codes = (factory: ExtensionFactory, settings: object) =>
  factory.check?.(settings as ComponentConfig, { signals: [], receivedBy: [] }).map(({ code }) => code);
const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const sha1 = (text: string) => createHash('sha1').update(text).digest();

describe('basicauth', () => {
  it('sends user and password', async () => {
    const { extension } = await started(basicAuthExtension, { client_auth: { username: 'me', password: 'a:b' } });
    expect(extension.credentials?.headers()).toEqual({ authorization: basic('me', 'a:b') });
  });

  it('sends what stands in files, as it is now', async () => {
    const file = fileWith(' first\n');
    const clock = createFakeClock();
    const client = { username: 'me', password: 'not this', password_file: file };
    const { extension } = await started(basicAuthExtension, { client_auth: client }, clock);
    expect(extension.credentials?.headers()).toEqual({ authorization: basic('me', 'first') });
    writeFileSync(file, 'second');
    await clock.advance(1000);
    expect(extension.credentials?.headers()).toEqual({ authorization: basic('me', 'second') });
    rmSync(file);
    await clock.advance(1000);
    expect(extension.credentials?.headers()).toEqual({ authorization: basic('me', 'second') });
  });

  it('does not start without its file', async () => {
    const settings = { client_auth: { username: 'me', password_file: '/nowhere/password' } };
    await expect(started(basicAuthExtension, settings)).rejects.toMatchObject({ code: 'file_unreadable' });
  });

  const salted = Buffer.concat([sha1('salted!!'), Buffer.from('!!')]).toString('base64');
  const users = `plain:one\nsha:{SHA}${sha1('two').toString('base64')}\nssha:{SSHA}${salted}\nnginx:{PLAIN}four\n\nodd line\n`;

  it.each([
    ['plain', 'one', undefined],
    ['sha', 'two', undefined],
    ['ssha', 'salted', undefined],
    ['nginx', 'four', undefined],
    ['plain', 'two', 'invalid credentials'],
    ['sha', 'one', 'invalid credentials'],
    ['ssha', 'two', 'invalid credentials'],
    ['nobody', '', 'invalid credentials'],
  ])('lets in who is in htpasswd: %s with %s: %s', async (user, password, answer) => {
    const { authenticate } = await started(basicAuthExtension, { htpasswd: { inline: users } });
    expect(authenticate(basic(user, password))).toBe(answer);
  });

  it('puts the inline text over the file', async () => {
    const settings = { htpasswd: { file: fileWith('a:old\nb:kept'), inline: 'a:new' } };
    const { authenticate } = await started(basicAuthExtension, settings);
    expect([basic('a', 'new'), basic('a', 'old'), basic('b', 'kept')].map(authenticate)).toEqual([
      undefined,
      'invalid credentials',
      undefined,
    ]);
  });

  it.each(['', 'Bearer x', 'Basic !', 'Basic bm9jb2xvbg=='])('refuses the header %j', async (header) => {
    const { authenticate } = await started(basicAuthExtension, { htpasswd: { inline: users } });
    expect(authenticate(header)).toMatch(/no basic auth|not of the scheme/);
  });

  it.each([
    [{}, ['SL0102']],
    [{ htpasswd: {} }, ['SL0102']],
    [{ htpasswd: { inline: 'a:b' }, client_auth: {} }, ['SL0114']],
    [{ client_auth: { username: 'a:b' } }, ['SL0105']],
    [{ htpasswd: { inline: 'a:$2y$05$cccccccccccccccccccccc' } }, ['SL0105']],
    [{ htpasswd: { inline: 'a:$apr1$x$y' } }, ['SL0105']],
    [{ htpasswd: { inline: 'a:b' } }, []],
  ])('checks %o', (settings, expected) => {
    expect(codes(basicAuthExtension, settings)).toEqual(expected);
  });
});

describe('bearertokenauth', () => {
  it('sends the first token and takes all of them', async () => {
    const { extension, authenticate } = await started(bearerTokenAuthExtension, { tokens: ['one', 'two'] });
    expect(extension.credentials?.headers()).toEqual({ authorization: 'Bearer one' });
    expect(['Bearer one', 'Bearer two', 'Bearer three', 'one', 'bearer one'].map(authenticate)).toEqual([
      undefined,
      undefined,
      ...Array(3).fill('scheme or token does not match'),
    ]);
    expect(extension.authenticate?.({})).toBe('the header authorization is missing');
  });

  it('takes header and scheme from the settings', async () => {
    const settings = { token: 'one', header: 'X-Key', scheme: '' };
    const { extension } = await started(bearerTokenAuthExtension, settings);
    expect(extension.credentials?.headers()).toEqual({ 'x-key': 'one' });
    expect(extension.authenticate?.({ 'x-key': ['one'] })).toBeUndefined();
  });

  it('follows its file, whose empty lines are no token', async () => {
    const file = fileWith('one\n two \n\n');
    const clock = createFakeClock();
    const { extension, authenticate } = await started(bearerTokenAuthExtension, { filename: file, token: 'x' }, clock);
    expect(['Bearer one', 'Bearer two', 'Bearer ', 'Bearer x'].map(authenticate)).toEqual([
      undefined,
      undefined,
      ...Array(2).fill('scheme or token does not match'),
    ]);
    writeFileSync(file, 'three');
    await clock.advance(1000);
    expect(extension.credentials?.headers()).toEqual({ authorization: 'Bearer three' });
    expect(authenticate('Bearer one')).toBe('scheme or token does not match');
  });

  it.each([
    [{}, ['SL0102']],
    [{ token: 'a', tokens: ['b'] }, ['SL0114']],
    [{ filename: '/f' }, []],
  ])('checks %o', (settings, expected) => {
    expect(codes(bearerTokenAuthExtension, settings)).toEqual(expected);
  });
});
