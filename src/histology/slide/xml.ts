/**
 * Reads an XML text with sax as a stream of elements. It builds no tree and expands no entities defined in the file.
 */
import sax from "sax";

export type XmlAttributes = Readonly<Record<string, string>>;

interface Visitor {
  /** @param name without its namespace prefix. */
  open?(name: string, attributes: XmlAttributes): void;
  /** A long text arrives in several pieces. */
  text?(text: string): void;
  close?(name: string): void;
}

const plain = (name: string): string => name.replace(/^.*:/, "");

/** @throws Error if the text is not valid XML. */
export function walkXml(xml: string, { open, text, close }: Visitor): void {
  const parser = sax.parser(true);
  parser.onerror = (error) => {
    throw error;
  };
  if (open) parser.onopentag = ({ name, attributes }) => open(plain(name), attributes as XmlAttributes);
  if (text) {
    parser.ontext = text;
    parser.oncdata = text;
  }
  if (close) parser.onclosetag = (name) => close(plain(name));
  parser.write(xml.replace(/^\uFEFF/, "").trim()).close();
}
