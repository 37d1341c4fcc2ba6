/** What can declare that it tells nothing of a request's sender. */
interface Declaring {
  readonly signsRequests?: boolean | undefined;
}

/** Whether a dispatcher or an instrumentation of the user's can add what tells senders apart. It can, unless it declares that it does not. */
export function maySign(given: Declaring): boolean {
  try {
    return given.signsRequests !== false;
  } catch {
    // A getter of the user's threw.
    return true;
  }
}
