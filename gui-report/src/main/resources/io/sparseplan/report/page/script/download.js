"use strict";

/* Hands the reader a file that the page made. */
const download = {
  text(name, type, text) {
    const address = URL.createObjectURL(new Blob([text], { type }));
    const link = dom.element("a", { href: address, download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  },
};
