/** Saves a text as a file of the person who uses the page. */

export function saveText(name: string, text: string, type: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads the address after this event.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
