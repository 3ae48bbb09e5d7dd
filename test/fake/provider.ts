import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/**
 * How a provider misbehaves: refuses the message (`no`), fails (`broken`), is asked too often (`busy`, for so many seconds), hangs, or takes it and
 * closes the connection without a word (`reset`).
 */
export type Fault = 'none' | 'no' | 'broken' | { busy: number } | 'hang' | 'reset';

export interface Faults {
  fault: Fault;
  /** Calls that came, whatever became of them. */
  calls: number;
}

export interface Served {
  url: string;
  close(): Promise<void>;
}

export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: string;
}

/** An HTTP provider on loopback, gone with the test. `take` answers a call that is let through; the faults are answered as the real one answers them. */
export async function provider(
  faults: Faults,
  take: (call: Call) => { status: number; body: unknown },
  refusals: Record<'no' | 'broken' | 'busy', { status: number; body: unknown }>,
): Promise<Served> {
  const server = createServer((request, response) => void serve(request, response));
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://provider');
    const call: Call = {
      method: request.method ?? '',
      path: pathname,
      query: searchParams,
      headers: request.headers,
      body: Buffer.concat(parts).toString('utf8'),
    };
    faults.calls += 1;
    const { fault } = faults;
    const answer = ({ status, body }: { status: number; body: unknown }, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    };
    if (fault === 'hang') return;
    if (fault === 'no') return answer(refusals.no);
    if (fault === 'broken') return answer(refusals.broken);
    if (typeof fault === 'object') return answer(refusals.busy, { 'retry-after': String(fault.busy) });
    const taken = take(call);
    if (fault === 'reset') return void request.socket.destroy();
    answer(taken);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
