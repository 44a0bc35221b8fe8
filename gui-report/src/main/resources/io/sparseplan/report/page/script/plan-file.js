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
    download.text("plan.json", "application/json", planFile.text());
  },
};
