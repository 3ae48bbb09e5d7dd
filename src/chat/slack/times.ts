/** Wall ms by which the machinery of Slack's connections waits. */
export interface SlackTimes {
  /** One call of the Web API; the SDK's own default is for ever. */
  call: number;
  /** What Slack says of us at the start is waited for no longer. */
  first: number;
  /** From the first call to Slack's hello, for which the SDK has no limit. */
  hello: number;
  /** Without a pong; the SDK closes after 5 s, and where it does not, we do. */
  pong: number;
  /** A connection that brought nothing for so long is replaced: it may have been forgotten. */
  silence: number;
  /** Between two looks at a connection. */
  look: number;
  /** First and longest pause between two tries to open one. */
  again: readonly [number, number];
  /** Between two looks at whether Slack still knows us. */
  test: number;
  /** No connection for so long while Slack answers: what is wrong is in this process. */
  giveUp: number;
}

export const TIMES: SlackTimes = {
  call: 10_000,
  first: 3000,
  hello: 15_000,
  pong: 15_000,
  silence: 15 * 60_000,
  look: 5000,
  again: [500, 30_000],
  test: 60_000,
  giveUp: 10 * 60_000,
};
