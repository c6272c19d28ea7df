/**
 * Runs one operation at a time. A call shares a running or waiting operation that covers it. Another call waits and runs next,
 * once for all its callers.
 */
export function singleFlight<Wish, Result>(
  run: (wish: Wish) => Promise<Result>,
  covers: (one: Wish, other: Wish) => boolean,
): (wish: Wish) => Promise<Result> {
  let flights: readonly { readonly wish: Wish; readonly done: Promise<Result> }[] = [];
  return (wish) => {
    const shared = flights.find((flight) => covers(flight.wish, wish));
    if (shared !== undefined) return shared.done;
    const before = flights.at(-1)?.done;
    const done = (
      before === undefined
        ? run(wish)
        : before.then(
            () => run(wish),
            () => run(wish),
          )
    ).finally(() => {
      flights = flights.filter((one) => one !== flight);
    });
    const flight = { wish, done };
    flights = [...flights, flight];
    return done;
  };
}
