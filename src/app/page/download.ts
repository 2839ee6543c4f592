/** Saves a file for the person who uses the page. */

export const saveText = (name: string, text: string, type: string): void => saveBlob(name, new Blob([text], { type }));

export function saveBlob(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads the address after this event.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
