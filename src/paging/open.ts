import type { Paging } from '../deliver/attempt.ts';
import type { Renderer } from '../deliver/shown.ts';
import type { TimersHandler } from '../store/timers.ts';
import { pageRenderer } from './card.ts';
import { heardOf } from './heard.ts';
import { lookAtPages } from './look.ts';
import { sayPages } from './say.ts';
import type { PagingWorld } from './world.ts';

/** Pages: looked at when they are due, said when they are sent, and told what came of it. */
export function openPaging(world: PagingWorld): { timers: TimersHandler; renderer: Renderer; paging: Paging } {
  return { timers: lookAtPages(world), renderer: pageRenderer(world), paging: { say: sayPages(world), heard: heardOf(world) } };
}
