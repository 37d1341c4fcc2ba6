/** One field of a form: text, or a file with its name. */
export type FormField = readonly [name: string, value: string | Blob, filename?: string | undefined];

/**
 * Returns a multipart body as a `Blob`. The type of the `Blob` contains the boundary. Every transport accepts a `Blob`. undici's `dispatch` does not
 * accept Node's `FormData`, because that is another class than undici's own. No file is read here: a file on disk is read when it is sent, and can be
 * sent again.
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

/** Returns the fields of a `FormData`. */
export function* formFields(form: FormData): Generator<FormField> {
  for (const [name, value] of form) yield typeof value === 'string' ? [name, value] : [name, value, value.name];
}

function lines(text: string): string {
  return text.replace(/\r?\n|\r/g, '\r\n');
}

/** Escapes quotes and line ends in the same way as browsers do. */
function quotable(text: string): string {
  return text.replace(/\n/g, '%0A').replace(/\r/g, '%0D').replace(/"/g, '%22');
}
