/** Sorting of lists that change little from one time to the next: what stood in order before is hardly looked at again. */

export class Ordering<Item extends object> {
  readonly #compare: (a: Item, b: Item) => number;
  #last: readonly Item[] = [];

  constructor(compare: (a: Item, b: Item) => number) {
    this.#compare = compare;
  }

  /** The same as `items.toSorted(compare)`. */
  sort(items: readonly Item[]): readonly Item[] {
    const left = new Set(items);
    if (left.size < items.length) return items.toSorted(this.#compare);
    const known = this.#last.filter((item) => left.delete(item));
    // Two runs in order are merged in one pass.
    const sorted = [...known, ...[...left].sort(this.#compare)].sort(this.#compare);
    // Equals stand in the order of the list, of which nothing is known here.
    this.#last = sorted.some((item, index) => this.#isLike(sorted[index - 1], item))
      ? items.toSorted(this.#compare)
      : sorted;
    return this.#last;
  }

  #isLike(before: Item | undefined, item: Item): boolean {
    return before !== undefined && this.#compare(before, item) === 0;
  }
}
