/** First and last of each run of registered statuses (IANA HTTP Status Code Registry), as Go's `net/http` knows them. */
const registered: readonly (readonly [first: number, last: number])[] = [
  [100, 103],
  [200, 208],
  [226, 226],
  [300, 305],
  [307, 308],
  [400, 418],
  [421, 426],
  [428, 429],
  [431, 431],
  [451, 451],
  [500, 508],
  [510, 511],
];

export function isRegisteredStatus(status: number): boolean {
  return registered.some(([first, last]) => status >= first && status <= last);
}
