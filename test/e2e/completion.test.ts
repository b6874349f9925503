import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requirePeer } from '../../testbed/index.ts';
import { startProcess } from '../testkit/process.ts';
import { createHome, type Home, runSluice } from '../testkit/sluice.ts';

let home: Home;
const scripts: Record<string, string> = {};

beforeAll(async () => {
  home = createHome();
  home.write('telemetry.yaml', '');
  home.write('my files.yaml', '');
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, stdout, stderr } = await runSluice(home, ['completion', shell]);
    expect({ shell, code, stderr }).toEqual({ shell, code: 0, stderr: '' });
    scripts[shell] = home.write(`completion.${shell}`, stdout);
  }
});
afterAll(() => home.remove());

/** What a command line is completed to, by words; the last one is what is being typed. */
const CASES: readonly (readonly [string, readonly string[]])[] = [
  ['sluice v', ['validate', 'version']],
  ['sluice graph --format ', ['tree', 'mermaid', 'dot', 'json', 'svg']],
  ['sluice graph --form', ['--format']],
  ['sluice validate -o ', ['text', 'short', 'json', 'yaml', 'sarif', 'junit', 'github']],
  ['sluice render --topology per', ['per-signal', 'per-pipeline']],
  ['sluice validate --color ', ['auto', 'always', 'never']],
  ['sluice explain SL030', ['SL0305', 'SL0306', 'SL0307', 'SL0308', 'SL0309']],
  ['sluice explain tp.spec.output.otlp.pro', ['tp.spec.output.otlp.protocol']],
  ['sluice explain NoDataY', ['NoDataYet']],
  ['sluice init ', ['trace', 'metric', 'log', 'all']],
  ['sluice completion ', ['bash', 'zsh', 'fish']],
  ['sluice help exi', ['exit-codes']],
  ['sluice up -f tele', ['telemetry.yaml']],
  ['sluice up --ui ', []],
];

async function output(program: string, script: string): Promise<readonly string[]> {
  const shell = await startProcess(program, ['-c', script], { cwd: home.path, env: home.env });
  await shell.exited;
  expect(shell.stderr()).toBe('');
  return shell
    .stdout()
    .split('\n')
    .filter((line) => line !== '');
}

describe('bash', () => {
  const complete = (line: string) => {
    const words = line
      .split(' ')
      .map((word) => `'${word}'`)
      .join(' ');
    const script = `source '${scripts['bash']}'; COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]}-1)); _sluice; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return output('bash', script);
  };

  it.each(CASES)('completes %j to %j', async (line, expected) => {
    expect(await complete(line)).toEqual(expected);
  });

  it('completes a value behind `=`, which bash sees as a word', async () => {
    expect(await complete('sluice graph --format = me')).toEqual(['mermaid']);
    expect(await complete('sluice graph --format =')).toEqual(['tree', 'mermaid', 'dot', 'json', 'svg']);
  });

  it('completes files with spaces as one word', async () => {
    expect(await complete('sluice validate --file my')).toEqual(['my files.yaml']);
  });

  it('is registered for the command', async () => {
    expect(await output('bash', `source '${scripts['bash']}'; complete -p sluice`)).toEqual([
      'complete -F _sluice sluice',
    ]);
  });
});

describe.skipIf(requirePeer('zsh').status === 'missing')('zsh (skipped where there is none)', () => {
  it('can be read', async () => {
    expect(await output('zsh', `zsh -n '${scripts['zsh']}'`)).toEqual([]);
  });

  it.each(CASES.filter(([line]) => !line.includes(' -f ')))('completes %j to %j', async (line, expected) => {
    const words = line.split(' ').map((word) => `'${word}'`);
    // The functions that offer words print them instead, as far as they fit what was typed.
    const script = `compdef() { : }
offer() { local word; for word in "$@"; do [[ "$word" == "\${words[CURRENT]}"* ]] && print -r -- "$word"; done; return 0 }
compadd() { shift; offer "$@" }
_describe() { local -a all; all=("\${(@P)2}"); offer "\${all[@]%%:*}" }
_files() { : }
source '${scripts['zsh']}'
words=(${words.join(' ')}); CURRENT=${words.length}; _sluice`;
    expect(await output('zsh', script)).toEqual(expected);
  });
});

describe.skipIf(requirePeer('fish').status === 'missing')('fish (skipped where there is none)', () => {
  it.each(CASES)('completes %j to %j', async (line, expected) => {
    const found = await output('fish', `source '${scripts['fish']}'; complete -C '${line}'`);
    expect(found.map((one) => one.split('\t')[0]).toSorted()).toEqual(expected.toSorted());
  });
});
