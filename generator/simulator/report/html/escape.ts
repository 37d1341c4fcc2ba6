/** Escapes text of a file or a user for HTML, between tags or within an attribute's double quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
