/**
 * Something the person can mend. The message is shown to them word for word: what is wrong, why, what to do.
 * Every other error is ours: it is logged with an id and the person sees only the id.
 */
export class Refusal extends Error {
  override name = 'Refusal';
}
