/**
 * Logins begun at once on one address and port: sshd turns strangers away at random from the tenth on (MaxStartups
 * 10:30:100), and many names may lead to one machine. Each host waits for its turn, first come first served.
 * When a turn ends without the port having answered, those who wait for it are told the same at once.
 */
export function loginTurns(atOnce = 8) {
  const ports = new Map<string, { busy: number; waiting: { go(): void; fail(why: unknown): void }[] }>();
  return async function turn<T>(port: string, sharesFate: (error: unknown) => boolean, login: () => Promise<T>): Promise<T> {
    const line = ports.get(port) ?? { busy: 0, waiting: [] };
    ports.set(port, line);
    if (line.busy >= atOnce) await new Promise<void>((go, fail) => line.waiting.push({ go, fail }));
    else line.busy++;
    try {
      return await login();
    } catch (error) {
      if (sharesFate(error)) for (const { fail } of line.waiting.splice(0)) fail(error);
      throw error;
    } finally {
      const next = line.waiting.shift();
      if (next) next.go();
      else if (--line.busy === 0) ports.delete(port);
    }
  };
}
