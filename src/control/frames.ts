import type { Socket } from 'node:net';

/** The longest frame taken; a JSON answer over 5,000 hosts is some ten megabytes. */
const LONGEST = 256 * 1024 * 1024;

/** Calls `hear` for every JSON object, one a line. A line that is none, or one without an end, closes the connection. */
export function hearFrames<Frame>(socket: Socket, hear: (frame: Frame) => void): void {
  let parts: string[] = [];
  let length = 0;
  socket.setEncoding('utf8');
  socket.on('data', (data: string) => {
    const pieces = data.split('\n');
    for (const piece of pieces.slice(0, -1)) {
      const frame = parse<Frame>([...parts, piece].join(''));
      parts = [];
      length = 0;
      if (frame === undefined) {
        socket.destroy();
        return;
      }
      hear(frame);
      if (socket.destroyed) return;
    }
    const rest = pieces.at(-1) as string;
    parts.push(rest);
    length += rest.length;
    if (length > LONGEST) socket.destroy();
  });
}

export function sendFrame(socket: Socket, frame: unknown): void {
  if (!socket.destroyed) socket.write(`${JSON.stringify(frame)}\n`);
}

function parse<Frame>(text: string): Frame | undefined {
  try {
    const frame: unknown = JSON.parse(text);
    return typeof frame === 'object' && frame !== null ? (frame as Frame) : undefined;
  } catch {
    return undefined;
  }
}
