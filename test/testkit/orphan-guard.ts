import { spawn } from 'node:child_process';

/** Ends what a test started when the test's process dies without having ended it, even by SIGKILL. */
export interface OrphanGuard {
  /** From now on this process group is killed when the test's process dies. */
  watch(pid: number): void;
  /** The group has ended; its id may become another's. */
  forget(pid: number): void;
  /** Everything was ended in order: the guard goes and kills nothing. */
  dismiss(): Promise<void>;
}

/**
 * A shell that reads process ids from a pipe: the system closes the pipe when this process dies, whatever killed it.
 * `afterwards` is a command of the shell that runs once the groups are killed, with `args` as $1, $2 and so on.
 */
export function startOrphanGuard(afterwards: string, args: readonly string[] = []): OrphanGuard {
  const script = `
    groups=' '
    while read -r verb group; do
      case "$verb" in
        watch) groups="$groups$group " ;;
        forget) groups="\${groups%% $group *} \${groups#* $group }" ;;
        dismiss) exit 0 ;;
      esac
    done
    for group in $groups; do kill -KILL "-$group" 2>/dev/null; done
    ${afterwards}`;
  const guard = spawn('sh', ['-c', script, 'orphan-guard', ...args], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // A guard that somebody killed must not end the test.
  guard.stdin.on('error', () => {});
  guard.unref();
  const exited = new Promise<void>((resolve) => {
    guard.once('error', () => resolve());
    guard.once('exit', () => resolve());
  });
  return {
    watch: (pid) => void guard.stdin.write(`watch ${pid}\n`),
    forget: (pid) => void guard.stdin.write(`forget ${pid}\n`),
    async dismiss() {
      guard.ref();
      guard.stdin.end('dismiss\n');
      await exited;
    },
  };
}
