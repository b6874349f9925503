import { describe, expect, it } from 'vitest';
import { sandboxedLua } from './lua-script.ts';

const plain = { name: 'a.lua', calls: ['f'], variables: [{ name: 'TOKEN', environment: 'SLUICE_FLB_P_var_TOKEN' }] };

/** The text between the long brackets, as Lua reads it. */
function quotedText(script: string): string {
  const [, level = '', rest = ''] = /load\(\[(=+)\[([\s\S]*)$/.exec(script) ?? [];
  return rest.slice(0, rest.indexOf(`]${level}]`));
}

describe('a script of a user', () => {
  it.each(['return 1', 'x = "]=]" y = [==[ ]==]', ']', 'a]=', ']==', '\nfirst line empty', 'a -- comment'])(
    '%j is data to the script around it',
    (text) => {
      expect(quotedText(sandboxedLua(text, plain))).toBe(` ${text}`);
    },
  );

  it('loses what reaches outside before it runs', () => {
    const script = sandboxedLua('USER', plain);
    const before = script.slice(0, script.indexOf('USER'));
    for (const name of ['io', 'package', 'require', 'dofile', 'loadfile', 'debug', 'ffi', 'getfenv', 'newproxy'])
      expect(before).toMatch(new RegExp(`\\b${name}\\b`));
    expect(before).toContain('["TOKEN"]="SLUICE_FLB_P_var_TOKEN"');
    expect(before).not.toContain('\n');
  });

  it('is no bytecode, and has no first line for a shell', () => {
    expect(quotedText(sandboxedLua('\u001bLJ', plain))).toBe(' \u001bLJ');
    expect(quotedText(sandboxedLua('\uFEFF#!/usr/bin/lua\nf()', plain))).toBe(' \nf()');
  });

  it('has the functions that filters call, whatever became of it', () => {
    expect(sandboxedLua('(', plain)).toMatch(/if type\(_G\["f"\]\)~="function" then .* return 0 end end$/);
    expect(sandboxedLua('(', { ...plain, calls: ['a"b\\'] })).toContain('_G["a\\034b\\092"]');
  });
});
