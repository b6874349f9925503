import { afterEach, describe, expect, it } from 'vitest';
import { createCliContext } from '../../test/testkit/cli-context.ts';
import type { CliContext } from './context.ts';
import { collect } from './flags.ts';
import { exitCodesText, overviewText } from './help.ts';
import { connectHost, hostAndPort, shownAddress } from './local/addresses.ts';
import { asCalled, programName } from './program-name.ts';
import { runVerb, type Verb } from './verb.ts';
import { VERBS } from './verbs.ts';

let seen: { flags: Record<string, unknown>; context: CliContext } | undefined;
const verb: Verb = {
  name: 'try',
  examples: ['sluice try --size 1Gi'],
  define: (command) =>
    command
      .option('--size <size>', 'a size', '1Mi')
      .option('--for <time>', 'a time')
      .option('--loud', 'a switch')
      .option('-f, --file <path>', 'files', collect),
  async run(flags, _args, context) {
    seen = { flags, context };
    return 0;
  },
};

const names = ['SLUICE_SIZE', 'SLUICE_LOUD', 'SLUICE_FOR', 'SLUICE_FILE'];
afterEach(() => {
  for (const name of names) delete process.env[name];
});

/** commander reads the environment of the process. */
async function call(argv: readonly string[], env: Record<string, string> = {}) {
  Object.assign(process.env, env);
  const { context, output } = createCliContext({ env, unicode: true });
  await runVerb(verb, { summary: 'tries things', argv }, context);
  return { ...seen!, output };
}

describe('options of a verb', () => {
  it('come from the command line, then the environment, then the default', async () => {
    expect((await call([])).flags).toMatchObject({ size: '1Mi' });
    expect((await call([], { SLUICE_SIZE: '2Mi' })).flags).toMatchObject({ size: '2Mi' });
    expect((await call(['--size', '3Mi'], { SLUICE_SIZE: '2Mi' })).flags).toMatchObject({ size: '3Mi' });
    expect((await call(['-f', 'a'], { SLUICE_FILE: 'b' })).flags).toMatchObject({ file: ['a'] });
  });

  it('are not switched on by 0 or an empty value, nor set where a name has several meanings', async () => {
    for (const off of ['0', 'false', '']) expect((await call([], { SLUICE_LOUD: off })).flags['loud']).toBeUndefined();
    expect((await call([], { SLUICE_LOUD: '1' })).flags['loud']).toBe(true);
    expect((await call([], { SLUICE_FOR: 'engine' })).flags['for']).toBeUndefined();
  });

  it('include colour, ASCII and quiet for every verb', async () => {
    const { context, output } = await call(['--color', 'always', '--ascii', '--quiet']);
    context.progress.write('sending');
    context.stderr.write('error');
    expect([context.color, context.unicode, output.stderr]).toEqual([{ stdout: true, stderr: true }, false, 'error']);
    await expect(call(['--color', 'yes'])).rejects.toMatchObject({ exitCode: 2, code: 'SL0903' });
  });

  it('that are unknown, lack their value or stand in the wrong place are usage errors', async () => {
    await expect(call(['--siez', '1'])).rejects.toMatchObject({
      exitCode: 2,
      code: 'SL0903',
      message: '`try` has no option `--siez`; did you mean `--size`?',
    });
    await expect(call(['--size'])).rejects.toMatchObject({ message: '`--size <size>` needs a value' });
    await expect(call(['x.yaml'])).rejects.toMatchObject({
      code: 'SL0902',
      message: '`try` takes no file name here; write: sluice try -f x.yaml',
    });
  });

  it('are listed after the examples', async () => {
    const { context, output } = createCliContext({ program: './bin/sluice' });
    expect(await runVerb(verb, { summary: 'tries things', argv: ['--help'] }, context)).toBe(0);
    expect(output.stdout).toMatch(/^ {2}\$ \.\/bin\/sluice try --size 1Gi\n[\s\S]*tries things[\s\S]*--size <size>/);
  });
});

describe('help', () => {
  it('lists every verb once, and every exit code', () => {
    const text = overviewText(createCliContext().context);
    for (const name of Object.keys(VERBS)) expect(text.match(new RegExp(`^.{17}${name} +[a-z]`, 'gm'))).toHaveLength(1);
    expect(exitCodesText().trim().split('\n')).toHaveLength(11);
  });

  it('has examples for every verb, which begin with the verb', async () => {
    for (const [name, entry] of Object.entries(VERBS)) {
      const loaded = await entry.load();
      expect(loaded.name).toBe(name);
      expect(loaded.examples.some((line) => line.startsWith(`sluice ${name}`))).toBe(true);
    }
  });
});

describe('commands to copy', () => {
  it('begin as the program was called', () => {
    expect(programName(undefined, '/w')).toBe('sluice');
    expect(programName('./bin/sluice', '/w')).toBe('./bin/sluice');
    expect(programName('/w/bin/sluice', '/w')).toBe('./bin/sluice');
    expect(programName('/opt/sluice', '/w')).toBe('/opt/sluice');
    expect(asCalled('sluice render | sluice engine --config -', './s')).toBe('./s render | ./s engine --config -');
    expect(asCalled('see ./bin/sluice up and /sluice x', './s')).toBe('see ./bin/sluice up and /sluice x');
  });
});

describe('addresses', () => {
  it('of loopback and of all interfaces are shown by name and reached by loopback', () => {
    expect(['127.0.0.1', '0.0.0.0', '::1', '10.0.0.1'].map((host) => shownAddress(host, 1))).toEqual([
      'localhost:1',
      'localhost:1',
      '[::1]:1',
      '10.0.0.1:1',
    ]);
    expect(['0.0.0.0', '::', '10.0.0.1'].map(connectHost)).toEqual(['127.0.0.1', '::1', '10.0.0.1']);
    expect(hostAndPort('::', 1)).toBe('[::]:1');
  });
});
