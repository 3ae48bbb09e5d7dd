import { HOUR, MINUTE, type Seen, type Story } from './simulation.ts';

/** What must be true of any page, told from what a witness saw and not from how it was decided. Empty = nothing is wrong. */
export function wrongs(story: Story, seen: Seen): string[] {
  return [
    restsOnlyForAReason,
    neverFallsSilent,
    leavesTheAwayAlone,
    asksByEachChannelOncePerRound,
    saysNothingWhileItRests,
    lowWaitsForTheMorning,
    widens,
    goesOnAtOnce,
  ].flatMap((rule) => rule(story, seen).map((wrong) => `${rule.name}: ${wrong}`));
}

const latest = (story: Story): number => Math.max(0, ...story.late);

function restsOnlyForAReason(story: Story, seen: Seen): string[] {
  if (seen.ended !== undefined) {
    const over = story.overAfter !== undefined && seen.ended >= story.begins + story.overAfter * HOUR;
    return over ? [] : [`it ended at ${seen.ended} and nothing was over`];
  }
  return seen.looks.filter(({ next }) => next.state === 'open' && next.at === undefined).map(({ at }) => `open at ${at} and never looked at again`);
}

/** Whoever can be reached is asked again and again: the longest silence is a round's longest step, a little late, or a night and a digest. */
function neverFallsSilent(story: Story, seen: Seen): string[] {
  const reachable = story.people.filter(
    (one) => one.away.length === 0 && one.channels.some((channel) => usable(story, channel) && !one.broken.includes(channel)),
  );
  if (reachable.length === 0 || seen.acked.length > 0) return [];
  const longest = story.urgency === 'low' ? 49 * HOUR : 16 * MINUTE + 3 * (latest(story) + MINUTE);
  const heard = seen.asked.filter(({ reached }) => reached).map(({ at }) => at);
  const end = seen.ended ?? seen.until;
  const moments = [story.begins, ...heard, end];
  // Where the policy's own people cannot be reached the others come with the next round.
  return moments.flatMap((at, n) => {
    const before = moments[n - 1];
    return before !== undefined && at - before > longest + (story.urgency === 'low' ? 3 * 24 * HOUR : 45 * MINUTE) ? [`silent from ${before} to ${at}`] : [];
  });
}

const usable = (story: Story, channel: string): boolean => story.urgency !== 'low' || ['dm', 'ntfy', 'email'].includes(channel);

/** Whoever was asked goes on being asked in that round, though they, or somebody else, came or went meanwhile. */
function leavesTheAwayAlone(_: Story, seen: Seen): string[] {
  const first = seen.asked.filter((one, n) => seen.asked.findIndex(({ round, person }) => round === one.round && person === one.person) === n);
  return first
    .filter(({ awayThen, othersHere }) => awayThen && othersHere)
    .map(({ at, person, channel }) => `${person} was away and asked by ${channel} at ${at}`);
}

function asksByEachChannelOncePerRound(_: Story, seen: Seen): string[] {
  const keys = seen.asked.map(({ round, person, channel }) => `${round} ${person} ${channel}`);
  return keys.filter((key, n) => keys.indexOf(key) !== n).map((key) => `twice: ${key}`);
}

function saysNothingWhileItRests(_: Story, seen: Seen): string[] {
  return seen.acked.flatMap((from) => {
    const to = Math.min(from + HOUR, seen.ended ?? Infinity);
    return seen.asked.filter(({ at }) => at > from && at < to).map(({ at, person }) => `${person} was asked at ${at}, acknowledged at ${from}`);
  });
}

function lowWaitsForTheMorning(story: Story, seen: Seen): string[] {
  if (story.urgency !== 'low') return [];
  // Of several who are asked together the first one's clock counts; a digest that is handled late is still that of the morning.
  const alone = seen.asked.filter((one) => !seen.asked.some(({ at, person }) => at === one.at && person !== one.person));
  return alone.filter(({ night }) => night).map(({ at, person }) => `${person} was asked at night, at ${at}`);
}

/** By the end of the third round everybody who was here for all of it was asked. */
function widens(story: Story, seen: Seen): string[] {
  if (seen.acked.length > 0) return [];
  const last = Math.max(0, ...seen.asked.map(({ round }) => round));
  if (last <= 3) return [];
  const third = seen.asked.filter(({ round }) => round >= 3);
  return story.people
    .filter(({ away, channels }) => away.length === 0 && channels.some((channel) => usable(story, channel)))
    .filter(({ name }) => !third.some(({ person }) => person === name))
    .map(({ name }) => `${name} was never asked, though it widened`);
}

/** Nobody waits for a channel that said no: the next channel of that person, or the next person, is asked in the next moment. */
function goesOnAtOnce(story: Story, seen: Seen): string[] {
  if (story.urgency === 'low') return [];
  return story.people.flatMap(({ name, broken, channels }) => {
    const first = seen.asked.find(({ person }) => person === name);
    const left = ['sms', 'voice'].filter((channel) => channels.includes(channel as 'sms'));
    if (!first || !channels.includes('dm') || !broken.includes('dm') || left.length === 0 || seen.acked.some((at) => at >= first.at && at <= first.at + 10))
      return [];
    const next = seen.asked.find(({ person, channel, at }) => person === name && channel === left[0] && at >= first.at);
    return next && next.at <= first.at + 10 ? [] : [`${name}'s dm was refused at ${first.at}, and ${left[0]} came at ${next?.at}`];
  });
}
