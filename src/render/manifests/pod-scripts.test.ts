import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JOIN_PARTS, QUARANTINE, SHARE_FOLDER } from './pod-scripts.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-pod-scripts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** As the init container runs it. */
function run(script: string, ...folders: readonly string[]): string {
  return execFileSync(process.execPath, ['-e', script.trim(), ...folders], { encoding: 'utf8' });
}

/** Two meta pages of bbolt, written down from its format, and as many pages as they say. */
function queueFile({ pageSize = 4096, pages = 4, whole = [true, true] } = {}): Buffer {
  const file = Buffer.alloc(pageSize * pages);
  for (const [index, isWhole] of whole.entries()) {
    const meta = file.subarray(index * pageSize + 16);
    meta.writeUInt32LE(0xed0cdaed, 0);
    meta.writeUInt32LE(2, 4);
    meta.writeUInt32LE(pageSize, 8);
    meta.writeBigUInt64LE(BigInt(pages), 40);
    meta.writeBigUInt64LE(fnv64a(meta.subarray(0, 56)) + (isWhole ? 0n : 1n), 56);
  }
  return file;
}

function fnv64a(bytes: Uint8Array): bigint {
  return bytes.reduce(
    (hash, byte) => ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffff_ffff_ffff_ffffn,
    0xcbf29ce484222325n,
  );
}

describe('the check of queues on disk', () => {
  const check = () => {
    const said = run(QUARANTINE, folder);
    return { said, names: readdirSync(join(folder, 'pipeline')).sort() };
  };
  const write = (name: string, content: Uint8Array) => {
    mkdirSync(join(folder, 'pipeline'), { recursive: true });
    writeFileSync(join(folder, 'pipeline', name), content);
  };

  it('leaves what the Collector opens', () => {
    write('a', queueFile());
    write('b', queueFile({ whole: [false, true] }));
    write('c', queueFile({ whole: [true, false], pageSize: 65_536 }));
    write('d', new Uint8Array(0));
    expect(check()).toEqual({ said: '', names: ['a', 'b', 'c', 'd'] });
  });

  it('puts aside what it would stop at, says so, and leaves that where it is from then on', () => {
    write('garbage', Buffer.alloc(100_000, 'x'));
    write('neither', queueFile({ whole: [false, false] }));
    write('short', queueFile());
    truncateSync(join(folder, 'pipeline/short'), 3 * 4096);
    const names = ['garbage.unreadable-1', 'neither.unreadable-1', 'short.unreadable-1'];
    const first = check();
    expect(first.names).toEqual(names);
    expect(first.said.trim().split('\n')).toHaveLength(3);
    expect(check()).toEqual({ said: '', names });
    write('short', Buffer.alloc(10));
    expect(check().names).toEqual([...names, 'short.unreadable-2']);
  });
});

describe('joining a configuration', () => {
  it('puts parts together in their order, and copies everything else', () => {
    const from = join(folder, 'from');
    mkdirSync(join(from, '..2026_data/files/p'), { recursive: true });
    symlinkSync('..2026_data', join(from, '..data'));
    for (const name of ['relay.conf.part-0001', 'relay.conf.part-0000', 'plain', 'files/p/x.part-0000']) {
      writeFileSync(join(from, '..2026_data', name), `${name}\n`);
    }
    for (const name of readdirSync(join(from, '..2026_data'))) symlinkSync(join('..data', name), join(from, name));
    const to = join(folder, 'to');
    run(JOIN_PARTS, from, to);
    expect(readdirSync(to).sort()).toEqual(['files', 'plain', 'relay.conf']);
    expect(readFileSync(join(to, 'relay.conf'), 'utf8')).toBe('relay.conf.part-0000\nrelay.conf.part-0001\n');
    expect(readFileSync(join(to, 'files/p/x'), 'utf8')).toBe('files/p/x.part-0000\n');
  });
});

describe.skipIf(process.getuid?.() !== 0)('sharing a folder of the node (needs root)', () => {
  it('lets the group write where the folder is of root, and leaves that of others', () => {
    const [own, other] = [join(folder, 'own'), join(folder, 'other')];
    for (const path of [own, other]) {
      mkdirSync(path);
      chmodSync(path, 0o755);
    }
    execFileSync('chown', ['10001', other]);
    run(SHARE_FOLDER, own, other);
    expect([own, other].map((path) => (statSync(path).mode & 0o777).toString(8))).toEqual(['770', '755']);
  });
});
