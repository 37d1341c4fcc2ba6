/** One field of a form: text, or a file with its name. */
export type FormField = readonly [name: string, value: string | Blob, filename?: string | undefined];

/**
 * A multipart body as a Blob, whose type carries the boundary. Every transport takes a Blob: a `FormData` of Node's is not one of undici's,
 * and its `dispatch` fails on it. Nothing is read here, so that a file of the disk stays there until it is sent, and it can be sent again.
 *
 * @see https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data
 */
export function multipartBody(fields: Iterable<FormField>): Blob {
  const boundary = `----fuseline-${crypto.randomUUID()}`;
  const parts: (string | Blob)[] = [];
  for (const [name, value, filename] of fields) {
    const disposition = `--${boundary}\r\nContent-Disposition: form-data; name="${quotable(lines(name))}"`;
    if (typeof value === 'string') parts.push(`${disposition}\r\n\r\n${lines(value)}\r\n`);
    else {
      const file = quotable(filename ?? 'blob');
      parts.push(`${disposition}; filename="${file}"\r\nContent-Type: ${value.type || 'application/octet-stream'}\r\n\r\n`, value, '\r\n');
    }
  }
  parts.push(`--${boundary}--\r\n`);
  return new Blob(parts, { type: `multipart/form-data; boundary=${boundary}` });
}

/** The fields of a `FormData`. */
export function* formFields(form: FormData): Generator<FormField> {
  for (const [name, value] of form) yield typeof value === 'string' ? [name, value] : [name, value, value.name];
}

function lines(text: string): string {
  return text.replace(/\r?\n|\r/g, '\r\n');
}

/** What would end the quotes or the line, as browsers write it. */
function quotable(text: string): string {
  return text.replace(/\n/g, '%0A').replace(/\r/g, '%0D').replace(/"/g, '%22');
}
