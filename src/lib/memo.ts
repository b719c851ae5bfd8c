/**
 * Keeps what was made of an object until it would turn out differently: until the object is another one, or the world answers one of
 * the questions differently that were asked meanwhile. Objects and answers are never changed in place, only replaced.
 */

/** Functions of one text. */
export type World = Readonly<Record<string, (about: string) => unknown>>;

type Asked = { answerOf: keyof World; about: string; answer: unknown };

type Kept<Made> = { world: World; asked: readonly Asked[]; made: Made };

export class Memo<Input extends object, Surroundings extends World, Made> {
  readonly #kept = new WeakMap<Input, Kept<Made>>();

  /**
   * @param world the same object only as long as all its answers are the same; a new one is asked again what was asked before, in the
   *   same order, so that what a question brings about happens whether or not anything is made
   * @param make depends on nothing but the object and what it asks its second argument
   */
  of(input: Input, world: Surroundings, make: (input: Input, world: Surroundings) => Made): Made {
    const kept = this.#kept.get(input);
    if (kept !== undefined && answersAlike(world, kept)) return kept.made;
    const asked = new Map<string, Asked>();
    const made = make(input, attentive(world, asked));
    this.#kept.set(input, { world, asked: [...asked.values()], made });
    return made;
  }
}

function answersAlike(world: World, kept: Kept<unknown>): boolean {
  if (kept.world === world) return true;
  for (const { answerOf, about, answer } of kept.asked) {
    if (!isSameAnswer(world[answerOf]?.(about), answer)) return false;
  }
  kept.world = world;
  return true;
}

/** The same world, which takes down what it is asked. */
function attentive<Surroundings extends World>(world: Surroundings, asked: Map<string, Asked>): Surroundings {
  const attended = Object.entries(world).map(([answerOf, ask]) => [
    answerOf,
    (about: string): unknown => {
      const key = `${answerOf} ${about}`;
      const before = asked.get(key);
      if (before !== undefined) return before.answer;
      const answer = ask(about);
      asked.set(key, { answerOf, about, answer });
      return answer;
    },
  ]);
  return Object.fromEntries(attended) as Surroundings;
}

/** Lists are the same when their elements are. */
function isSameAnswer(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  return Array.isArray(one) && Array.isArray(other) && isSameList(one, other);
}

/** Whether both have the same elements, by identity. */
export function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((each, index) => Object.is(each, other[index]));
}
