import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { freePort, listen } from './free-port.ts';
import { accepts, startProcess } from './process.ts';
import { waitFor } from './wait-for.ts';

const node = (script: string) => [process.execPath, ['-e', script]] as const;
const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('startProcess', () => {
  it('waits for a line and a port, and stops with SIGTERM', async () => {
    const port = await freePort();
    const [command, args] = node(`
      require('node:net').createServer().listen(${port}, '127.0.0.1', () => console.log('listening'));
      process.on('SIGTERM', () => process.exit(7));`);
    const running = await startProcess(command, args, { ready: { line: /^listening$/m, ports: [port] } });
    expect(running.stdout()).toBe('listening\n');
    expect(await running.stop()).toEqual({ code: 7, signal: null });
    expect(await accepts(port)).toBe(false);
  });

  it('fails with the output of a program that ends before it is ready', async () => {
    const [command, args] = node(`console.error('bad configuration'); process.exit(3)`);
    await expect(startProcess(command, args, { ready: { line: /never/ } })).rejects.toThrow(
      /ended with code 3 before it was ready; its output ends with:\nbad configuration/,
    );
  });

  it('fails with the reason when the program does not exist', async () => {
    await expect(startProcess('/no/such/program', [], { ready: { line: /never/ } })).rejects.toThrow('ENOENT');
  });

  it('kills children, too, when the leader does not end in time', async () => {
    const [command, args] = node(`
      process.on('SIGTERM', () => {});
      const child = require('node:child_process').spawn(process.execPath, ['-e', 'process.on("SIGTERM",()=>{});setInterval(()=>{},1000)']);
      console.log('child ' + child.pid);
      setInterval(() => {}, 1000);`);
    const running = await startProcess(command, args, { ready: { line: /child \d+/ } });
    const childPid = Number(/child (\d+)/.exec(running.stdout())![1]);
    expect(await running.stop({ graceMs: 100 })).toEqual({ code: null, signal: 'SIGKILL' });
    await waitFor('the child is gone', () => !isAlive(childPid));
  });
});

describe('freePort', () => {
  it('gives ports that can be listened on, none twice', async () => {
    const ports = await Promise.all(Array.from({ length: 20 }, freePort));
    expect(new Set(ports).size).toBe(20);
    const server = createServer();
    expect(await listen(server, ports[0])).toBe(ports[0]);
    await new Promise((resolve) => server.close(resolve));
  });
});
