/** A service probe of a group, as holdfast.yaml writes it: a port that listens, a page that answers, a command that ends with 0. */
export type Probe =
  | { name?: string | undefined; port: number }
  | { name?: string | undefined; http: string; status?: number | undefined; contains?: string | undefined }
  | { name?: string | undefined; command: string[] };

/** The positionals of check.sh, in the encoding its head describes; argv is counted, never joined, so nothing needs a shell. */
export function checkArgs(probes: readonly Probe[]): string[] {
  return probes.flatMap((probe) => {
    if ('port' in probe) return ['port', probeName(probe), String(probe.port)];
    if ('http' in probe) return ['http', probeName(probe), String(probe.status ?? ''), probe.contains ?? '', probe.http];
    return ['command', probeName(probe), String(probe.command.length), ...probe.command];
  });
}

/** The way back, for the simulated hosts. `undefined` when the words are not what `checkArgs` makes. */
export function readCheckArgs(args: readonly string[]): Probe[] | undefined {
  const probes: Probe[] = [];
  for (let at = 0; at < args.length; ) {
    const [kind, name = '', third = ''] = args.slice(at, at + 3);
    const length = kind === 'port' ? 3 : kind === 'http' ? 5 : kind === 'command' && /^[1-9]\d{0,3}$/.test(third) ? 3 + Number(third) : 0;
    if (length === 0 || at + length > args.length) return undefined;
    const rest = args.slice(at + 3, at + length);
    if (kind === 'port') probes.push({ name, port: Number(third) });
    else if (kind === 'command') probes.push({ name, command: rest });
    else probes.push({ name, http: rest[1] as string, ...(third && { status: Number(third) }), ...(rest[0] && { contains: rest[0] }) });
    at += length;
  }
  return probes;
}

/** What a probe without a name is called: `port 443`, the address, the program. */
export function probeName(probe: Probe): string {
  if (probe.name) return probe.name;
  if ('port' in probe) return `port ${probe.port}`;
  return 'http' in probe ? probe.http : (probe.command[0] as string);
}
