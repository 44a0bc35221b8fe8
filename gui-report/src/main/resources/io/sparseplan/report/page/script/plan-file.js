"use strict";

/*
 * The plan's own file, byte for byte: it stands in the data block line for line, its last line is
 * the first that is a bare closing brace, and only three characters were escaped.
 */
const planFile = {
  text() {
    const block = document.getElementById("data").textContent;
    const start = block.indexOf("{", 1);
    const end = block.indexOf("\n}", start) + 2;
    const plain = { "\\u003c": "<", "\\u2028": "\u2028", "\\u2029": "\u2029" };
    return block.slice(start, end)
      .replace(/\\(\\|u003c|u2028|u2029)/g, (escape) => plain[escape] ?? escape) + "\n";
  },

  download() {
    const address = URL.createObjectURL(new Blob([planFile.text()], { type: "application/json" }));
    const link = dom.element("a", { href: address, download: "plan.json" });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  },
};
