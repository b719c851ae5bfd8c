/** The size of a file as options say it. */

/** @param mebibytes 0 for no bound @returns bytes */
export function bytesOf(mebibytes: number): number | undefined {
  return mebibytes === 0 ? undefined : mebibytes * 1_048_576;
}
