/** For what follows from an object alone, and so is found out once for each. */

/** The same function, which remembers its answers as long as their objects live. Objects must never be changed in place. */
export function perObject<Input extends object, Made>(make: (input: Input) => Made): (input: Input) => Made {
  const known = new WeakMap<Input, { made: Made }>();
  return (input) => {
    const before = known.get(input);
    if (before !== undefined) return before.made;
    const made = make(input);
    known.set(input, { made });
    return made;
  };
}
